namespace Runs.Tests.Contracts.Messages;

/// <summary>Messages as they look on the wire, each with every member that such a message can have at once.</summary>
internal static class MessageExamples
{
    public const string CreateRun = """
        {
          "tenant": "acme", "run_id": "run_child-7", "kind": "agent",
          "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
          "request": { "agent_id": "writer", "input": { "messages": [{ "role": "user", "content": "A title, please." }] }, "runtime_target_kind": "main_branch" },
          "parent_run_id": "run_root-3",
          "trigger": {
            "conversation_id": "91d5a1de-6a0e-4b43-9d0c-5a2e4c0d0002", "message_id": "5c1f9a77-2f0f-4a49-8a5b-0c5e7f000003", "tool_call_id": "call_9"
          },
          "conversation_mode": "existing", "conversation_id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001",
          "created_by": "0c1d2e3f-1111-4222-8333-444455556666",
          "trigger_kind": "schedule", "trigger_id": "nightly", "schedule_id": "3f0a6f5e-51c7-4b57-9a39-1d6a1c8e0005",
          "expires_at": "2026-09-01T02:01:00.000Z", "strict": true,
          "actor": { "type": "user", "id": "0c1d2e3f-1111-4222-8333-444455556666", "key_prefix": "k3x9q2ab", "address": "192.0.2.7" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string StartRun = """
        {
          "tenant": "acme", "run_id": "run_child-7", "event": { "type": "RUN_STARTED", "runId": "run_child-7", "threadId": "thread-1" },
          "actor": { "type": "worker", "id": "worker-eu.1" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string WaitRun = """
        {
          "tenant": "acme", "run_id": "run_child-7", "reason": "input", "tool_call_id": "call_12", "tool_name": "ask",
          "expires_at": "2026-09-01T03:00:00.000Z",
          "input_request": {
            "requested_responder_type": "human", "title": "Which title?", "description": "Choose one.",
            "fields": [{ "name": "title", "type": "text" }], "metadata": { "theme": "dark" }
          },
          "actor": { "type": "worker", "id": "worker-eu.1" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string ResumeRun = """
        {
          "tenant": "acme", "run_id": "run_child-7", "reason": "input", "tool_call_id": "call_12", "result": { "title": "The second" }, "is_error": false,
          "responder": { "actor_type": "human", "actor_id": "0c1d2e3f-1111-4222-8333-444455556666" },
          "actor": { "type": "user", "id": "0c1d2e3f-1111-4222-8333-444455556666", "key_prefix": "k3x9q2ab", "address": "192.0.2.7" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string CompleteRun = """
        {
          "tenant": "acme", "run_id": "run_nightly-0001", "status": "failed", "metadata": { "attempts": 1 },
          "terminal_error_code": "INDEX_LOCKED", "terminal_error_message": "The index was locked.",
          "output": { "indexed": 12 }, "logs": "12 documents, then the index was locked", "artifacts": [{ "name": "report.txt" }],
          "exit_code": 2, "duration_ms": 4200,
          "actor": { "type": "worker", "id": "worker-eu.1" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string CancelRun = """
        {
          "tenant": "acme", "run_id": "run_nightly-0001",
          "actor": { "type": "user", "id": "0c1d2e3f-1111-4222-8333-444455556666", "key_prefix": "k3x9q2ab", "address": "192.0.2.7" }, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"
        }
        """;

    public const string RunReserved = """
        {
          "tenant": "acme", "run_id": "run_child-7", "kind": "agent",
          "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
          "target": "agent:writer", "parent_run_id": "run_root-3", "root_run_id": "run_root-3", "occurred_at": "2026-09-01T02:00:00.000Z"
        }
        """;

    public const string RunAccepted = """
        {
          "tenant": "acme", "run_id": "run_child-7", "kind": "agent",
          "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
          "target": "agent:writer", "parent_run_id": "run_root-3", "root_run_id": "run_root-3",
          "conversation_id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001", "message_id": "0f4b1c9d-33aa-5c1e-9d55-6a7b8c9d0004",
          "implementation_kind": "python", "worker_key": "worker-eu.1", "status": "pending", "occurred_at": "2026-09-01T02:00:00.000Z"
        }
        """;

    public const string RunStarted = """
        {
          "tenant": "acme", "run_id": "run_nightly-0001", "kind": "task",
          "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" }, "occurred_at": "2026-09-01T02:00:00.300Z"
        }
        """;

    public const string RunWaiting = """
        {
          "tenant": "acme", "run_id": "run_child-7", "kind": "agent",
          "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
          "reason": "tool", "tool_call_id": "call_12", "tool_name": "search", "expires_at": "2026-09-01T03:00:00.000Z",
          "occurred_at": "2026-09-01T02:00:01.000Z"
        }
        """;

    public const string RunResumed = """
        {
          "tenant": "acme", "run_id": "run_child-7", "kind": "agent",
          "owner": { "kind": "conversation", "id": "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001" },
          "tool_call_id": "call_12", "result": { "hits": ["a", "b"] }, "is_error": false, "occurred_at": "2026-09-01T02:00:02.000Z"
        }
        """;

    public const string RunFinished = """
        {
          "tenant": "acme", "run_id": "run_nightly-0001", "kind": "task",
          "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
          "status": "failed", "error": { "message": "The index was locked.", "code": "INDEX_LOCKED" }, "occurred_at": "2026-09-01T02:00:04.500Z"
        }
        """;

    public const string RunSnapshot = """
        {
          "run": {
            "run_id": "run_nightly-0001", "kind": "task", "status": "failed",
            "owner": { "kind": "project", "id": "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
            "parent_run_id": null, "root_run_id": "run_nightly-0001", "waiting_reason": null, "metadata": { "attempts": 1 },
            "target": "task:rebuild-index", "workflow_id": null, "schedule_id": null, "batch_id": null,
            "runtime_target_kind": "main_branch", "runtime_target_environment_id": null, "runtime_target_branch_id": null,
            "input": null, "config": { "full": true }, "output": { "indexed": 12 },
            "error": { "message": "The index was locked.", "code": "INDEX_LOCKED" }, "logs": "12 documents, then the index was locked",
            "artifacts": [{ "name": "report.txt" }], "duration_ms": 4200, "exit_code": 2,
            "start_mode": null, "timeout_seconds": 600, "backoff_limit": 0, "trigger_kind": "api", "trigger_id": null, "created_by": null,
            "updated_at": "2026-09-01T02:00:04.500Z", "created_at": "2026-09-01T02:00:00.000Z",
            "started_at": "2026-09-01T02:00:00.300Z", "completed_at": "2026-09-01T02:00:04.500Z"
          },
          "changed": true, "conversation_id": null, "message_id": null, "store_ms": 0.92, "saga_ms": 1.23
        }
        """;

    public const string RunRejected = """
        {
          "tenant": "acme", "run_id": "run_child-7", "code": "REQUEST_DIFFERS", "detail": "A run with this id exists, and its request was another one.",
          "differences": ["/request/agent_id"]
        }
        """;
}
