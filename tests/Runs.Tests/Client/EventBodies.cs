using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>Events, and bodies of appends, as JSON text.</summary>
public static class EventBodies
{
    public static string Text(string delta) => $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"{{delta}}"}""";

    /// <summary>The body of an append without a cursor.</summary>
    public static string Append(params string[] events) => $$"""{"events":[{{string.Join(',', events)}}]}""";

    /// <summary>
    /// The body of an append after the event and the external sequence that the caller expects to be last.
    /// </summary>
    public static string AppendAfter(long? eventId, long? sequence, params string[] events) => $$"""
        {"events":[{{string.Join(',', events)}}],
         "expected_previous_event_id":{{JsonSerializer.Serialize(eventId)}},
         "expected_previous_external_event_sequence":{{JsonSerializer.Serialize(sequence)}} }
        """;
}
