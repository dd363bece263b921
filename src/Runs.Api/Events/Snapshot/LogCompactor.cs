using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

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

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = FieldLimits.MaxMessageJsonDepth };

    private static readonly JsonSerializerOptions SerializerOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = FieldLimits.MaxMessageJsonDepth,
    };

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

    // A delta after the end of its text, after a snapshot of all messages, or of another attempt, is not merged with
    // earlier deltas.
    private void CloseDeltas(RunEvent runEvent)
    {
        // Of the events without a sequence, those of attempts are the only ones of this type.
        if (runEvent.EventType == "MESSAGES_SNAPSHOT" || runEvent is { EventType: RunEventTypes.Custom, ExternalSequence: null })
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

        var merged = JsonNode.Parse(runEvent.Event.Text, documentOptions: DocumentOptions)!.AsObject();
        merged["delta"] = delta.ToString();
        return new RawJson(merged.ToJsonString(SerializerOptions));
    }
}
