using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Runs.Client.Http;

/// <summary>
/// Reads the lines of a stream of server-sent events
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html). A line has a maximum length, and the stream must
/// not be silent for too long: a lost connection does not always fail.
/// </summary>
internal sealed class SseLineReader(Stream stream, TimeProvider clock, TimeSpan maxSilence) : IAsyncDisposable
{
    // Larger than any event that the server stores.
    private const int MaxLineBytes = 16 * 1024 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>
    /// Reads a line without its end; null at the end of the stream, where an incomplete line is ignored.
    /// </summary>
    /// <exception cref="TimeoutException">Nothing arrived for the maximum silence.</exception>
    public async Task<string?> Read(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadMore(cancellationToken);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(result.Buffer.Slice(0, end)).TrimEnd('\r');
                _reader.AdvanceTo(result.Buffer.GetPosition(1, end));
                return line;
            }

            if (result.Buffer.Length > MaxLineBytes)
            {
                throw new RunsException("An event of the stream is too large.");
            }

            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return null;
            }
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();

    private async Task<ReadResult> ReadMore(CancellationToken cancellationToken)
    {
        if (_reader.TryRead(out var available))
        {
            return available;
        }

        using var silence = new CancellationTokenSource(maxSilence, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await _reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException exception) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The stream is silent.", exception);
        }
    }
}
