using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /conversations/{conversation_id}/runs/{run_id}/snapshot</c>: returns the public events of a log, with the
/// deltas of each text, reasoning and argument merged, and the cursor from which a stream continues. A very large
/// snapshot is truncated; the stream from that cursor has the rest.
/// </summary>
internal static class LogSnapshotEndpoint
{
    private const int PageSize = 500;

    // Limits of the response, and of what is read for it. The stored log is larger, because every delta is stored with
    // its own type and id, and the response has one for each text.
    private const int MaxEvents = 20_000;
    private const long MaxCharacters = 8 * 1024 * 1024;
    private const long MaxStoredCharacters = 64 * 1024 * 1024;

    public static async Task<Results<Ok<LogSnapshotResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, RequestLimits limits, RequestRateLimiter rates,
        CancellationToken cancellationToken)
    {
        using var permit = limits.Snapshots.Acquire(caller.Tenant);
        if (permit.ToProblem("snapshots", "snapshots are being made") is { } rejection)
        {
            return rejection;
        }

        if (await route.FindWithoutPayload(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        if (await ReadLog(run, store, () => rates.TryAcquireAdditional(http, cancellationToken), cancellationToken) is not var (log, after))
        {
            return Problems.TooManyRequests();
        }

        return limits.ChargeResponse(http, caller.Tenant, log.CharacterCount) is { } problem
            ? problem
            : TypedResults.Ok(new LogSnapshotResource(after, log.ToResources(cancellationToken)));
    }

    /// <returns>Null when the tenant's read rate allows no further page.</returns>
    private static async Task<(LogCompactor Log, long After)?> ReadLog(Run run, IRunStore store, Func<Task<bool>> acquirePage, CancellationToken cancellationToken)
    {
        var (log, after, storedCharacters) = (new LogCompactor(), 0L, 0L);
        while (after < run.LatestEventId)
        {
            if (after > 0 && !await acquirePage()) // the request itself was charged for the first page
            {
                return null;
            }

            var page = await store.ReadEvents(run, after, PageSize, EventVisibility.Public, cancellationToken);
            if (page.Count == 0)
            {
                // Events after the last public one are hidden: a reader that continues from the end of the log misses
                // nothing.
                return (log, run.LatestEventId);
            }

            foreach (var runEvent in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                log.Add(runEvent);
                after = runEvent.EventId;
                storedCharacters += runEvent.Event.Text.Length;
                if (log.EventCount >= MaxEvents || log.CharacterCount >= MaxCharacters || storedCharacters >= MaxStoredCharacters)
                {
                    return (log, after);
                }
            }
        }

        return (log, after);
    }
}

/// <summary>A snapshot of a log, with its deltas merged.</summary>
/// <param name="AfterEventId">The <c>Last-Event-ID</c> from which to continue.</param>
/// <param name="Events">Oldest first. A merged event has the id of the first of its events.</param>
public sealed record LogSnapshotResource(long AfterEventId, IReadOnlyList<LogSnapshotEventResource> Events);

/// <summary>An event of a snapshot.</summary>
/// <param name="EventId">Ascending.</param>
/// <param name="Event">The event. Its <c>delta</c> may be merged from several events.</param>
public sealed record LogSnapshotEventResource(long EventId, RawJson Event);

/// <summary>
/// Merges deltas: all deltas of one message or tool call become one event, at the position of the first.
/// </summary>
internal sealed class LogCompactor
{
    private static readonly Dictionary<string, string> DeltaIdProperties = new()
    {
        ["TEXT_MESSAGE_CONTENT"] = "messageId",
        ["REASONING_MESSAGE_CONTENT"] = "messageId",
        ["TOOL_CALL_ARGS"] = "toolCallId",
    };

    private static readonly JsonSerializerOptions SerializerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 128 };

    private readonly List<(RunEvent Event, StringBuilder? Delta)> _events = [];
    private Dictionary<(string Type, string Id), StringBuilder> _openDeltas = [];

    /// <summary>The total length of the merged events.</summary>
    public long CharacterCount { get; private set; }

    /// <summary>The number of merged events.</summary>
    public int EventCount => _events.Count;

    /// <summary>The merged events.</summary>
    public IReadOnlyList<LogSnapshotEventResource> ToResources(CancellationToken cancellationToken)
    {
        var events = new List<LogSnapshotEventResource>(_events.Count);
        foreach (var (runEvent, delta) in _events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events.Add(new LogSnapshotEventResource(runEvent.EventId, MergeDelta(runEvent, delta)));
        }

        return events;
    }

    public void Add(RunEvent runEvent)
    {
        if (ReadDelta(runEvent) is not var (key, delta))
        {
            CharacterCount += runEvent.Event.Text.Length;
            _events.Add((runEvent, null));
            CloseDeltas(runEvent);
            return;
        }

        if (_openDeltas.TryGetValue(key, out var text))
        {
            CharacterCount += delta.Length;
            text.Append(delta);
            return;
        }

        CharacterCount += runEvent.Event.Text.Length;
        _openDeltas.Add(key, text = new StringBuilder(delta));
        _events.Add((runEvent, text));
    }

    // A delta after the end of its text, or after a snapshot of all messages, is not merged with earlier deltas.
    private void CloseDeltas(RunEvent runEvent)
    {
        if (runEvent.EventType == "MESSAGES_SNAPSHOT")
        {
            _openDeltas = []; // not Clear, which costs as much as the largest size the dictionary ever had
        }
        else if (runEvent.EventType.EndsWith("_END", StringComparison.Ordinal))
        {
            var endEvent = runEvent.Event.ToElement();
            foreach (var (type, member) in DeltaIdProperties)
            {
                if (endEvent.TryGetProperty(member, out var id) && id.ValueKind == JsonValueKind.String)
                {
                    _openDeltas.Remove((type, id.GetString()!));
                }
            }
        }
    }

    private static ((string Type, string Id) Key, string Delta)? ReadDelta(RunEvent runEvent)
    {
        if (!DeltaIdProperties.TryGetValue(runEvent.EventType, out var member))
        {
            return null;
        }

        var json = runEvent.Event.ToElement();
        return json.TryGetProperty(member, out var id) && id.ValueKind == JsonValueKind.String
            && json.TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.String
            ? ((runEvent.EventType, id.GetString()!), delta.GetString()!)
            : null;
    }

    private static RawJson MergeDelta(RunEvent runEvent, StringBuilder? delta)
    {
        if (delta is null)
        {
            return runEvent.Event;
        }

        var merged = JsonNode.Parse(runEvent.Event.Text, documentOptions: new JsonDocumentOptions { MaxDepth = 128 })!.AsObject();
        merged["delta"] = delta.ToString();
        return new RawJson(merged.ToJsonString(SerializerOptions));
    }
}
