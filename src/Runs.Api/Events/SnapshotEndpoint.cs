using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
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
    private const long MostCharacters = 8 * 1024 * 1024;

    public static async Task<Results<Ok<LogSnapshotResource>, ProblemHttpResult>> Handle(
        [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken)
    {
        if (await path.FindHead(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        var compacted = new CompactedLog();
        var after = 0L;
        IReadOnlyList<RunEvent> page;
        do
        {
            page = await store.Events(run, after, PageSize, EventScope.Public, cancellationToken);
            foreach (var logged in page)
            {
                compacted.Add(logged);
                after = logged.EventId;
            }
        }
        while (page.Count > 0 && compacted.Characters < MostCharacters);

        // Events behind the last public one are hidden: a reader that goes on from the end of the log misses nothing.
        return TypedResults.Ok(new LogSnapshotResource(page.Count == 0 ? Math.Max(after, run.LatestEventId) : after, compacted.Events));
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
    private readonly Dictionary<(string Type, string Id), StringBuilder> _open = [];

    /// <summary>How much it holds.</summary>
    public long Characters { get; private set; }

    public IReadOnlyList<LogSnapshotEventResource> Events => [.. _events.Select(entry => new LogSnapshotEventResource(entry.Logged.EventId, Whole(entry.Logged, entry.Delta)))];

    public void Add(RunEvent logged)
    {
        if (Piece(logged) is not var (key, delta))
        {
            Characters += logged.Event.Text.Length;
            _events.Add((logged, null));
            Close(logged);
            return;
        }

        Characters += delta.Length;
        if (_open.TryGetValue(key, out var text))
        {
            text.Append(delta);
            return;
        }

        _open.Add(key, text = new StringBuilder(delta));
        _events.Add((logged, text));
    }

    // What comes after the end of a text, or after all texts were told anew, is no piece of what came before.
    private void Close(RunEvent logged)
    {
        if (logged.EventType == "MESSAGES_SNAPSHOT")
        {
            _open.Clear();
        }
        else if (logged.EventType.EndsWith("_END", StringComparison.Ordinal))
        {
            var ended = logged.Event.Parse();
            foreach (var key in _open.Keys.Where(key => ended.TryGetProperty(IdOfPieces[key.Type], out var id) && id.ValueKind == JsonValueKind.String && id.ValueEquals(key.Id)).ToList())
            {
                _open.Remove(key);
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
