using System.Text.Json.Nodes;

namespace Runs.Api.OpenApi;

/// <summary>
/// Examples of appending, reading and streaming a log: the same log in all of them. The tests append it and compare the
/// responses.
/// </summary>
internal static class EventExamples
{
    // The sixth event is a model call context, which is stored but hidden.
    private static readonly (int Id, string Event)[] Log =
    [
        (1, """{"type":"RUN_STARTED","runId":"run_child-7","threadId":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001","agentId":"writer"}"""),
        (2, """{"type":"TEXT_MESSAGE_START","messageId":"msg_1","role":"assistant"}"""),
        (3, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"msg_1","delta":"Once upon"}"""),
        (4, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"msg_1","delta":" a time"}"""),
        (5, """{"type":"TEXT_MESSAGE_END","messageId":"msg_1"}"""),
        (7, """{"type":"RUN_FINISHED","runId":"run_child-7","threadId":"2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001"}"""),
    ];

    public const string AppendResponse = """{ "latest_event_id": 3, "appended_count": 2, "latest_external_event_sequence": 2 }""";

    public static IReadOnlyDictionary<string, string> AppendRequests { get; } = new SortedDictionary<string, string>
    {
        ["begin a log"] = $$"""{ "expected_previous_external_event_sequence": 0, "events": [{{GetEvent(2)}}, {{GetEvent(3)}}] }""",
        ["continue, with a hidden event"] = $$"""
            {
              "expected_previous_event_id": 3,
              "events": [{{GetEvent(4)}}, {{GetEvent(5)}}, { "type": "AGENT_RUN_MODEL_CALL_CONTEXT", "model": "acme-1", "messages": [] }]
            }
            """,
    };

    public static string ConversationAppendResponse { get; } = RunExamples.WithMembers(
        AppendResponse,
        ("run", JsonNode.Parse(RunExamples.WithMembers(RunExamples.ConversationRun, ("latest_event_id", 3), ("latest_external_event_sequence", 2)))));

    public static string EventPage { get; } = RunExamples.CreatePage(string.Join(", ", Log.Select(item => $$"""
        { "event_id": {{item.Id}}, "event_type": "{{GetEventType(item.Event)}}", "payload": {{item.Event}}, "created_at": "2026-09-01T02:00:00.{{item.Id}}00Z" }
        """)));

    public static string ConversationEventPage { get; } = RunExamples.CreatePage(string.Join(", ", Log.Select(item => $$"""
        { "event_id": {{item.Id}}, "event_type": "{{GetEventType(item.Event)}}", "event": {{item.Event}} }
        """)));

    public static string Stream { get; } = ": open\n\n" + string.Concat(Log.Select(item =>
        $"id: {item.Id}\nevent: {GetEventType(item.Event)}\ndata: {item.Event}\n\n"));

    public static string Snapshot { get; } = $$"""
        {
          "after_event_id": 7,
          "events": [
            { "event_id": 1, "event": {{GetEvent(1)}} },
            { "event_id": 2, "event": {{GetEvent(2)}} },
            { "event_id": 3, "event": {{RunExamples.WithMembers(GetEvent(3), ("delta", "Once upon a time"))}} },
            { "event_id": 5, "event": {{GetEvent(5)}} },
            { "event_id": 7, "event": {{GetEvent(7)}} }
          ]
        }
        """;

    private static string GetEvent(int id) => Array.Find(Log, item => item.Id == id).Event;

    private static string GetEventType(string json) => (string)JsonNode.Parse(json)!["type"]!;
}
