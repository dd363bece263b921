using System.Text.Json.Nodes;

namespace Runs.Api;

/// <summary>A log as it is appended, read and followed: one and the same in all examples. The tests append it, and compare.</summary>
internal static class OpenApiEventExamples
{
    // The sixth is the record of a call of a model, which is stored and not shown.
    private static readonly (int Id, string Event)[] Log =
    [
        (1, """{"type":"RUN_STARTED","runId":"run_child-7","threadId":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","agentId":"writer"}"""),
        (2, """{"type":"TEXT_MESSAGE_START","messageId":"msg_1","role":"assistant"}"""),
        (3, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"msg_1","delta":"Once upon"}"""),
        (4, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"msg_1","delta":" a time"}"""),
        (5, """{"type":"TEXT_MESSAGE_END","messageId":"msg_1"}"""),
        (7, """{"type":"RUN_FINISHED","runId":"run_child-7","threadId":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001"}"""),
    ];

    public const string Appended = """{ "latest_event_id": 3, "appended_count": 2, "latest_external_event_sequence": 2 }""";

    public static IReadOnlyDictionary<string, string> Appends { get; } = new SortedDictionary<string, string>
    {
        ["begin a log"] = $$"""{ "expected_previous_external_event_sequence": 0, "events": [{{Event(2)}}, {{Event(3)}}] }""",
        ["go on, with an event that is not shown"] = $$"""
            {
              "expected_previous_event_id": 3,
              "events": [{{Event(4)}}, {{Event(5)}}, { "type": "AGENT_RUN_MODEL_CALL_CONTEXT", "model": "acme-1", "messages": [] }]
            }
            """,
    };

    public static string AppendedInConversation { get; } = OpenApiExamples.With(
        Appended,
        ("run", JsonNode.Parse(OpenApiExamples.With(OpenApiExamples.ConversationRun, ("latest_event_id", 3), ("latest_external_event_sequence", 2)))));

    public static string Page { get; } = OpenApiExamples.Page(string.Join(", ", Log.Select(logged => $$"""
        { "event_id": {{logged.Id}}, "event_type": "{{TypeOf(logged.Event)}}", "payload": {{logged.Event}}, "created_at": "2026-09-01T02:00:00.{{logged.Id}}00Z" }
        """)));

    public static string ConversationPage { get; } = OpenApiExamples.Page(string.Join(", ", Log.Select(logged => $$"""
        { "event_id": {{logged.Id}}, "event_type": "{{TypeOf(logged.Event)}}", "event": {{logged.Event}} }
        """)));

    public static string Stream { get; } = ": open\n\n" + string.Concat(Log.Select(logged =>
        $"id: {logged.Id}\nevent: {TypeOf(logged.Event)}\ndata: {logged.Event}\n\n"));

    public static string Snapshot { get; } = $$"""
        {
          "after_event_id": 7,
          "events": [
            { "event_id": 1, "event": {{Event(1)}} },
            { "event_id": 2, "event": {{Event(2)}} },
            { "event_id": 3, "event": {{OpenApiExamples.With(Event(3), ("delta", "Once upon a time"))}} },
            { "event_id": 5, "event": {{Event(5)}} },
            { "event_id": 7, "event": {{Event(7)}} }
          ]
        }
        """;

    private static string Event(int id) => Array.Find(Log, logged => logged.Id == id).Event;

    private static string TypeOf(string logged) => (string)JsonNode.Parse(logged)!["type"]!;
}
