using System.Text.Json.Nodes;

namespace Runs.Api.OpenApi;

/// <summary>
/// Examples of waits, results, forms and responses. The tests post the requests and check the responses against the
/// OpenAPI document.
/// </summary>
internal static class WaitExamples
{
    public const string ResumeResponse = """{ "accepted": true, "duplicate": false }""";

    public const string InputRequest = """
        {
          "id": "8d3a1f0e-52c7-5b1a-9a41-6f0e2d4c0008", "conversation_id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001", "run_id": "run_child-7",
          "tool_call_id": "call_12", "kind": "form", "status": "open", "requested_responder_type": "human",
          "title": "What shall the cover be like?", "description": null,
          "fields": [{ "name": "colour", "label": "Colour", "type": "text" }, { "name": "copies", "label": "Copies", "type": "number" }],
          "recommendations": null, "metadata": null, "created_at": "2026-09-01T02:00:01.000Z", "expires_at": "2099-12-31T00:00:00.000Z",
          "submitted_at": null, "cancelled_at": null, "expired_at": null, "latest_response": null
        }
        """;

    private const string InputResponse = """
        {
          "id": "3c5e7a90-1b2d-5f4e-8a6c-0d9e8f7a0009", "input_request_id": "8d3a1f0e-52c7-5b1a-9a41-6f0e2d4c0008",
          "conversation_id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001", "run_id": "run_child-7",
          "actor_type": "human", "actor_id": "0c1d2e3f-1111-4222-8333-444455556666",
          "values": { "colour": "blue", "copies": 2 }, "created_at": "2026-09-01T02:00:09.000Z"
        }
        """;

    public static string WaitResponse { get; } = RunExamples.WithMembers(
        """{ "waiting": true }""",
        ("run", JsonNode.Parse(RunExamples.WithMembers(
            RunExamples.Run,
            ("status", "waiting"), ("waiting_reason", "tool"), ("started_at", "2026-09-01T02:00:00.300Z"), ("updated_at", "2026-09-01T02:00:01.000Z")))));

    public static string SubmittedInputRequest { get; } = RunExamples.WithMembers(
        InputRequest, ("status", "submitted"), ("submitted_at", "2026-09-01T02:00:09.000Z"), ("latest_response", JsonNode.Parse(InputResponse)));

    public static string CancelledInputRequest { get; } = RunExamples.WithMembers(InputRequest, ("status", "cancelled"), ("cancelled_at", "2026-09-01T02:00:09.000Z"));

    public static IReadOnlyDictionary<string, string> WaitRequests { get; } = new SortedDictionary<string, string>
    {
        ["for a tool"] = """{ "reason": "tool", "tool_call_id": "call_11", "tool_name": "pick_colour" }""",
        ["for an approval, with an expiry"] = """{ "reason": "approval", "tool_call_id": "call_14", "expires_at": "2099-12-31T00:00:00.000Z" }""",
    };

    public static IReadOnlyDictionary<string, string> ResumeRequests { get; } = new SortedDictionary<string, string>
    {
        ["a result"] = """{ "type": "tool_result", "tool_call_id": "call_11", "result": { "colour": "blue" } }""",
        ["the tool failed"] = """{ "type": "tool_result", "tool_call_id": "call_11", "result": "Nobody was there.", "is_error": true }""",
    };

    public static IReadOnlyDictionary<string, string> InputRequestCreates { get; } = new SortedDictionary<string, string>
    {
        ["a form"] = """
            {
              "run_id": "run_child-7", "tool_call_id": "call_12", "kind": "form", "requested_responder_type": "human",
              "title": "What shall the cover be like?",
              "fields": [{ "name": "colour", "label": "Colour", "type": "text" }, { "name": "copies", "label": "Copies", "type": "number" }],
              "expires_at": "2099-12-31T00:00:00.000Z"
            }
            """,
    };

    public static IReadOnlyDictionary<string, string> RespondRequests { get; } = new SortedDictionary<string, string>
    {
        ["values"] = """{ "values": { "colour": "blue", "copies": 2 } }""",
    };
}
