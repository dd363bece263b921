using System.Text.Json.Nodes;

namespace Runs.Api.OpenApi;

/// <summary>
/// Examples of requests and responses. The tests post the requests and check the responses against the OpenAPI
/// document.
/// </summary>
internal static class RunExamples
{
    public const string Run = """
        {
          "run_id": "run_nightly-0001", "kind": "task", "status": "pending",
          "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
          "parent_run_id": null, "root_run_id": "run_nightly-0001", "waiting_reason": null, "metadata": null,
          "target": "task:rebuild-index", "workflow_id": null, "schedule_id": null, "batch_id": null,
          "runtime_target_kind": "main_branch", "runtime_target_environment_id": null, "runtime_target_branch_id": null,
          "input": null, "config": { "full": true }, "output": null, "error": null, "logs": null, "artifacts": [],
          "duration_ms": null, "exit_code": null, "start_mode": null, "timeout_seconds": 600, "backoff_limit": 0,
          "trigger_kind": "api", "trigger_id": null, "created_by": "0c1d2e3f-1111-4222-8333-444455556666",
          "updated_at": "2026-09-01T02:00:00.000Z", "created_at": "2026-09-01T02:00:00.000Z", "started_at": null, "completed_at": null
        }
        """;

    public const string CreateResponse = $$"""
        { "accepted": true, "run": {{Run}}, "duplicate": false, "conversation_id": null, "message_id": null }
        """;

    public const string ConversationRun = """
        {
          "run_id": "run_child-7", "conversation_id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001", "message_id": "0f4b1c9d-33aa-5c1e-9d55-6a7b8c9d0004",
          "project_id": null, "requested_by_user_id": "0c1d2e3f-1111-4222-8333-444455556666", "agent_id": "writer", "status": "running",
          "runtime_target_kind": "main_branch", "latest_event_id": 0, "latest_external_event_sequence": 0,
          "created_at": "2026-09-01T02:00:00.000Z", "started_at": "2026-09-01T02:00:00.000Z", "finished_at": null,
          "waiting_tool_call_id": null, "waiting_tool_name": null, "terminal_error_code": null, "terminal_error_message": null,
          "implementation_kind": null, "worker_key": null, "source_target_kind": "project", "source_target_environment_id": null,
          "source_target_branch_id": null, "source_target_release_version": null, "runtime_target_environment_id": null,
          "runtime_target_branch_id": null, "resolved_deployment_id": null,
          "parent_conversation_id": "91d5a1de-6a0e-4b43-9d0c-5a2e4c0d0002", "parent_run_id": "run_root-3",
          "spawned_from_message_id": "5c1f9a77-2f0f-4a49-8a5b-0c5e7f000003", "spawned_from_tool_call_id": "call_9",
          "input_anchor_message_id": null, "handoff_message_id": null, "run_snapshot": null, "metadata": null
        }
        """;

    public const string EmptyPage = """{ "data": [], "page_info": { "self": null, "first": null, "next": null, "prev": null } }""";

    public static string CancelResponse { get; } = $$"""{ "cancelled": true, "run": {{CreateFinishedRun("cancelled", exitCode: 1)}} }""";

    public static string CompleteResponse { get; } = $$"""{ "completed": true, "run": {{CreateFinishedRun("completed", exitCode: 0)}} }""";

    public static IReadOnlyDictionary<string, string> CreateRequests { get; } = new SortedDictionary<string, string>
    {
        ["task"] = """
            {
              "kind": "task", "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" }, "public_id": "run_nightly-0001",
              "request": {
                "target": "task:rebuild-index", "name": "Nightly rebuild", "runtime_target_kind": "main_branch", "runtime_target_branch_id": null,
                "config": { "full": true }, "timeout_seconds": 600, "backoff_limit": 0
              }
            }
            """,
        ["workflow"] = """
            {
              "kind": "workflow", "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" }, "public_id": "run_import-12",
              "request": { "workflow_id": "import", "target": "workflow:import", "input": { "source": "s3" }, "start_mode": "manual" }
            }
            """,
        ["eval"] = """
            {
              "kind": "eval", "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" }, "public_id": "run_eval-3",
              "request": { "target": "eval:tone", "input": {}, "config": { "samples": 20 }, "start_mode": "manual" }
            }
            """,
        ["agent, spawned by a tool call"] = """
            {
              "kind": "agent", "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
              "public_id": "run_child-7", "parent_run_id": "run_root-3",
              "trigger": {
                "conversation_id": "91d5a1de-6a0e-4b43-9d0c-5a2e4c0d0002", "message_id": "5c1f9a77-2f0f-4a49-8a5b-0c5e7f000003", "tool_call_id": "call_9"
              },
              "request": {
                "mode": "agent", "agent_id": "writer", "initial_status": "running", "source_target_kind": "project", "runtime_target_kind": "main_branch"
              }
            }
            """,
    };

    public static IReadOnlyDictionary<string, string> CompleteRequests { get; } = new SortedDictionary<string, string>
    {
        ["agent"] = """{ "status": "completed", "metadata": { "provider": "acme", "model": "acme-1", "inputTokens": 120, "outputTokens": 40 } }""",
        ["failed agent"] = """
            { "status": "failed", "metadata": null, "terminal_error_code": "STREAM_ERROR", "terminal_error_message": "The stream broke off." }
            """,
        ["task"] = """{ "status": "completed", "output": { "indexed": 12 }, "logs": "done", "artifacts": [], "exit_code": 0, "duration_ms": 4200 }""",
    };

    public static string CreatePage(string item) => $$"""{ "data": [{{item}}], "page_info": { "self": null, "first": null, "next": null, "prev": null } }""";

    /// <summary>Copies a JSON object with other values for some of its members.</summary>
    public static string WithMembers(string example, params ReadOnlySpan<(string Member, JsonNode? Value)> changes)
    {
        var changed = JsonNode.Parse(example)!.AsObject();
        foreach (var (member, value) in changes)
        {
            changed[member] = value;
        }

        return changed.ToJsonString();
    }

    private static string CreateFinishedRun(string status, int exitCode) => WithMembers(
        Run,
        ("status", status), ("exit_code", exitCode), ("duration_ms", 4200),
        ("started_at", "2026-09-01T02:00:00.300Z"), ("updated_at", "2026-09-01T02:00:04.500Z"), ("completed_at", "2026-09-01T02:00:04.500Z"));
}
