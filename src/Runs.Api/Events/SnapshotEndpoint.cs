using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/snapshot</c>: the public events of a log with the pieces of each text, reasoning and argument put together,
/// and the place from which a stream goes on. A log whose snapshot would be very large is cut; the stream from there has the rest.
/// </summary>
internal static class SnapshotEndpoint
{
    private const int PageSize = 500;

    // What an answer may hold, and what may be read for it: pieces of texts are stored with a name and an id each, of which the answer has one.
    private const int MaxEntries = 20_000;
    private const long MaxCharacters = 8 * 1024 * 1024;
    private const long MaxStoredCharacters = 64 * 1024 * 1024;

    public static async Task<Results<Ok<LogSnapshotResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, RequestLimits limits, RequestRates rates,
        CancellationToken cancellationToken)
    {
        using var permit = limits.Snapshots.Acquire(caller.Tenant);
        if (permit.Problem("snapshots", "snapshots are being made") is { } limited)
        {
            return limited;
        }

        if (await path.FindHead(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        if (await Read(run, store, () => rates.AcquireAnother(http, cancellationToken), cancellationToken) is not var (log, after))
        {
            return Problems.TooManyRequests();
        }

        return limits.TryHold(http, caller.Tenant, log.Characters) is { } problem
            ? problem
            : TypedResults.Ok(new LogSnapshotResource(after, log.Events(cancellationToken)));
    }

    /// <returns>Null when the tenant's rate of reads does not allow another page.</returns>
    private static async Task<(CompactedLog Log, long After)?> Read(Run run, IRunStore store, Func<Task<bool>> acquirePage, CancellationToken cancellationToken)
    {
        var (log, after, stored) = (new CompactedLog(), 0L, 0L);
        while (after < run.LatestEventId)
        {
            if (after > 0 && !await acquirePage()) // the request itself has paid for the first one
            {
                return null;
            }

            var page = await store.Events(run, after, PageSize, EventScope.Public, cancellationToken);
            if (page.Count == 0)
            {
                // Events behind the last public one are hidden: a reader that goes on from the end of the log misses nothing.
                return (log, run.LatestEventId);
            }

            foreach (var logged in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                log.Add(logged);
                after = logged.EventId;
                stored += logged.Event.Text.Length;
                if (log.Entries >= MaxEntries || log.Characters >= MaxCharacters || stored >= MaxStoredCharacters)
                {
                    return (log, after);
                }
            }
        }

        return (log, after);
    }
}

/// <summary>A log put together.</summary>
/// <param name="AfterEventId">What to send as <c>Last-Event-ID</c> to go on from here.</param>
/// <param name="Events">Oldest first. An event that stands for several has the id of the first.</param>
public sealed record LogSnapshotResource(long AfterEventId, IReadOnlyList<LogSnapshotEventResource> Events);

/// <summary>An event of a snapshot.</summary>
/// <param name="EventId">Ascending.</param>
/// <param name="Event">The event; its <c>delta</c> may be that of several events in a row.</param>
public sealed record LogSnapshotEventResource(long EventId, RawJson Event);

/// <summary>Puts the pieces of texts together: the deltas of one message or tool call become one, at the place of the first.</summary>
internal sealed class CompactedLog
{
    private static readonly Dictionary<string, string> IdOfPieces = new()
    {
        ["TEXT_MESSAGE_CONTENT"] = "messageId",
        ["REASONING_MESSAGE_CONTENT"] = "messageId",
        ["TOOL_CALL_ARGS"] = "toolCallId",
    };

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 128 };

    private readonly List<(RunEvent Logged, StringBuilder? Delta)> _events = [];
    private Dictionary<(string Type, string Id), StringBuilder> _open = [];

    /// <summary>The length of its events as they are shown.</summary>
    public long Characters { get; private set; }

    /// <summary>The number of its events.</summary>
    public int Entries => _events.Count;

    /// <summary>The events, each text in one piece.</summary>
    public IReadOnlyList<LogSnapshotEventResource> Events(CancellationToken cancellationToken)
    {
        var events = new List<LogSnapshotEventResource>(_events.Count);
        foreach (var (logged, delta) in _events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events.Add(new LogSnapshotEventResource(logged.EventId, Whole(logged, delta)));
        }

        return events;
    }

    public void Add(RunEvent logged)
    {
        if (Piece(logged) is not var (key, delta))
        {
            Characters += logged.Event.Text.Length;
            _events.Add((logged, null));
            Close(logged);
            return;
        }

        if (_open.TryGetValue(key, out var text))
        {
            Characters += delta.Length;
            text.Append(delta);
            return;
        }

        Characters += logged.Event.Text.Length;
        _open.Add(key, text = new StringBuilder(delta));
        _events.Add((logged, text));
    }

    // What comes after the end of a text, or after all texts were told anew, is no piece of what came before.
    private void Close(RunEvent logged)
    {
        if (logged.EventType == "MESSAGES_SNAPSHOT")
        {
            _open = []; // clearing costs as much as the largest it ever was
        }
        else if (logged.EventType.EndsWith("_END", StringComparison.Ordinal))
        {
            var ended = logged.Event.Parse();
            foreach (var (type, member) in IdOfPieces)
            {
                if (ended.TryGetProperty(member, out var id) && id.ValueKind == JsonValueKind.String)
                {
                    _open.Remove((type, id.GetString()!));
                }
            }
        }
    }

    private static ((string Type, string Id) Key, string Delta)? Piece(RunEvent logged)
    {
        if (!IdOfPieces.TryGetValue(logged.EventType, out var member))
        {
            return null;
        }

        var piece = logged.Event.Parse();
        return piece.TryGetProperty(member, out var id) && id.ValueKind == JsonValueKind.String
            && piece.TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.String
            ? ((logged.EventType, id.GetString()!), delta.GetString()!)
            : null;
    }

    private static RawJson Whole(RunEvent logged, StringBuilder? delta)
    {
        if (delta is null)
        {
            return logged.Event;
        }

        var whole = JsonNode.Parse(logged.Event.Text, documentOptions: new JsonDocumentOptions { MaxDepth = 128 })!.AsObject();
        whole["delta"] = delta.ToString();
        return new RawJson(whole.ToJsonString(Json));
    }
}
