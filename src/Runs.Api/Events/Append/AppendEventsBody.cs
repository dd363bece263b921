using System.Text;
using System.Text.Json;
using Runs.Contracts;

namespace Runs.Api.Events;

/// <summary>The body of an append: events, and the caller's cursor, the end of the log that it expects.</summary>
/// <param name="Events">At least one.</param>
/// <param name="ExpectedPreviousEventId">The id of the last event that the caller expects, or null for any.</param>
/// <param name="ExpectedPreviousSequence">
/// The number of public events that the caller expects in the log, or null for any.
/// </param>
/// <param name="Attempt">The attempt that appends, or null if the caller names none.</param>
internal sealed record AppendEventsBody(
    IReadOnlyList<NewEvent> Events, long? ExpectedPreviousEventId, long? ExpectedPreviousSequence, int? Attempt = null)
{
    /// <summary>
    /// Reads a body of well-formed JSON. The problem has the errors of the first event that is invalid, because a body
    /// can have thousands of events.
    /// </summary>
    public static Result<AppendEventsBody> Parse(JsonElement body)
    {
        var errors = new List<ValidationError>();
        var fields = new JsonObjectReader(body, "", errors);
        var afterEvent = fields.GetInteger("expected_previous_event_id", FieldLimits.MinEventCursor, long.MaxValue);
        var afterSequence = fields.GetInteger("expected_previous_external_event_sequence", FieldLimits.MinEventCursor, long.MaxValue);
        var attempt = (int?)fields.GetInteger("attempt", FieldLimits.MinAttempt, int.MaxValue);
        var events = new List<NewEvent>();
        if (fields.GetRequiredArray("events") is { } array)
        {
            if (array.GetArrayLength() is 0 or > FieldLimits.MaxEventsPerAppend)
            {
                fields.AddError("events", $"must have 1-{FieldLimits.MaxEventsPerAppend} events.");
                return Problems.ValidationFailed(errors);
            }

            foreach (var value in array.EnumerateArray())
            {
                if (RunEventValidator.ReadType(value, $"/events/{events.Count}", errors) is { } type)
                {
                    events.Add(new NewEvent(type, RawJson.FromElement(value)));
                }

                if (errors.Count > 0)
                {
                    return Problems.ValidationFailed(errors);
                }
            }
        }

        return errors.Count > 0 ? Problems.ValidationFailed(errors) : new AppendEventsBody(events, afterEvent, afterSequence, attempt);
    }

    /// <summary>The total size of the events.</summary>
    public long SizeInBytes { get; } = Events.Sum(item => (long)Encoding.UTF8.GetByteCount(item.Event.Text));

    /// <summary>The rest of the body after its first event was appended.</summary>
    public AppendEventsBody SkipFirst() => new(
        [.. Events.Skip(1)], ExpectedPreviousEventId + 1, ExpectedPreviousSequence + 1, Attempt);
}
