using System.IO.Pipelines;
using System.Text;

namespace Runs.Benchmarks.Tests;

/// <summary>The body of a response that a test writes while it is read.</summary>
internal sealed class TestStream
{
    private readonly Pipe _pipe = new();

    public TestStream() => Reader = _pipe.Reader.AsStream();

    public Stream Reader { get; }

    public async Task Write(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    public void End() => _pipe.Writer.Complete();

    public void Break() => _pipe.Writer.Complete(new IOException("The connection was reset."));
}
