using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Runs.Bench.Torture;

/// <summary>Everything that was called, answered and done, one JSON object a line, in the order in which it ended.</summary>
internal sealed class History : IAsyncDisposable
{
    private static readonly JsonSerializerOptions JsonOptions = new()
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

/// <summary>One call and what came of it. Times are seconds since the program began.</summary>
/// <param name="Run">The run's id; null while an anonymous one has none.</param>
/// <param name="Call">What was asked.</param>
/// <param name="To">The server, or <c>broker</c>.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Start">When it was asked.</param>
/// <param name="End">When it was answered, or given up.</param>
/// <param name="Answer">The HTTP status, the type of the reply, <c>confirmed</c>, <c>late</c> (nothing by the deadline) or <c>cut</c> (no connection, or not any more).</param>
/// <param name="Code">A problem's or refusal's code, or what cut it.</param>
/// <param name="Changed">Whether the answer says that this call made the difference.</param>
/// <param name="Status">The run's status in the answer.</param>
/// <param name="Cursor">An append's expectation.</param>
/// <param name="Events">An append's events.</param>
internal sealed record CallRecord(
    string? Run, string Call, string To, int Attempt, double Start, double End, string Answer, string? Code = null, bool? Changed = null, string? Status = null,
    string? Cursor = null, int? Events = null);

/// <summary>A fault, from its beginning until everything that it took away was there again.</summary>
internal sealed record FaultRecord(string Fault, string Target, double Start, double End);
