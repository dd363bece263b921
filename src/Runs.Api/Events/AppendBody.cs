using System.Text;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.Api.Events;

/// <summary>Events to append, and where the caller believes the log to end.</summary>
/// <param name="Events">At least one.</param>
/// <param name="AfterEvent">The last event's id as the caller knows it, or null for whatever it is.</param>
/// <param name="AfterSequence">The number of public events appended so far as the caller knows it, or null.</param>
internal sealed record AppendBody(IReadOnlyList<SentEvent> Events, long? AfterEvent, long? AfterSequence)
{
    /// <summary>Reads a body whose text is well formed, or notes everything that is wrong with it.</summary>
    public static AppendBody? Read(JsonElement body, List<InvalidMember> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var afterEvent = fields.Integer("expected_previous_event_id", 0, long.MaxValue);
        var afterSequence = fields.Integer("expected_previous_external_event_sequence", 0, long.MaxValue);
        var events = new List<SentEvent>();
        if (fields.RequiredArray("events") is { } sent)
        {
            if (sent.GetArrayLength() is 0 or > RunEventRules.MaxEvents)
            {
                fields.Complain("events", $"must have 1-{RunEventRules.MaxEvents} events.");
                return null;
            }

            foreach (var value in sent.EnumerateArray())
            {
                if (RunEventRules.Read(value, $"/events/{events.Count}", errors) is { } type)
                {
                    events.Add(new SentEvent(type, RawJson.From(value)));
                }

                if (errors.Count > 0)
                {
                    return null;
                }
            }
        }

        return errors.Count > 0 ? null : new AppendBody(events, afterEvent, afterSequence);
    }

    /// <summary>How large the events are.</summary>
    public long Bytes { get; } = Events.Sum(sent => (long)Encoding.UTF8.GetByteCount(sent.Event.Text));

    /// <summary>What is left to append when the first event is in the log.</summary>
    public AppendBody AfterFirst() => new([.. Events.Skip(1)], AfterEvent + 1, AfterSequence + 1);
}

/// <summary>An event as a caller sent it.</summary>
internal readonly record struct SentEvent(string Type, RawJson Event);
