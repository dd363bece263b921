using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Runs.FaultInjection.Reporting;

/// <summary>All calls and faults, in a file with one JSON object a line, in the order in which they ended.</summary>
internal sealed class History : IAsyncDisposable
{
    /// <summary>The format of the lines.</summary>
    public static JsonSerializerOptions JsonOptions { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ConcurrentQueue<CallRecord> _calls = new();
    private readonly Channel<object> _lines = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly StreamWriter _file;
    private readonly Task _writer;

    public History(string folder)
    {
        _file = new StreamWriter(Path.Combine(folder, "history.jsonl"), append: false);
        _writer = WriteLines();
    }

    /// <summary>The calls so far.</summary>
    public IReadOnlyCollection<CallRecord> Calls => _calls;

    public void Add(CallRecord call)
    {
        _calls.Enqueue(call);
        _lines.Writer.TryWrite(call);
    }

    public void Add(FaultRecord fault) => _lines.Writer.TryWrite(fault);

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writer;
        await _file.DisposeAsync();
    }

    private async Task WriteLines()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await _file.WriteLineAsync(JsonSerializer.Serialize(line, line.GetType(), JsonOptions));
        }
    }
}
