using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

/// <summary>Sends the operations of a <see cref="Scenario"/> and records the replies.</summary>
internal sealed partial class ScenarioOperations(RunsApplication application, Guid conversation, RunOracle[] runs)
{
    private static readonly string[] Requests =
    [
        """{"agent_id":"writer","input":{"n":1.0}}""",
        """{"agent_id":"writer","initial_status":"running","input":{}}""",
        """{"agent_id":"writer"}""",
        """{"agent_id":"writer","implementation_kind":"worker"}""",
    ];

    private static readonly (string Reason, string? ToolCall, bool IsExpired)[] Waits =
    [
        ("tool", "call_1", false),
        ("tool", "call_2", false),
        ("approval", null, false),
        ("tool", "call_1", true),
        ("input", "form_1", false),
        ("event", null, false),
    ];

    private static readonly (string? ToolCall, string Result, bool IsError)[] Results =
    [
        ("call_1", "1", false),
        ("call_1", "2", false),
        ("call_2", "1", false),
        (null, "1", false),
        ("form_1", "1", false),
        ("form_1", "null", true),
    ];

    /// <summary>Sends the operation and records its replies.</summary>
    public Task Execute(Operation operation)
    {
        var run = runs[operation.Run];
        return operation.Kind switch
        {
            OperationKind.Create => Create(run, operation),
            OperationKind.Start => Start(run, operation),
            OperationKind.Append => Append(run, operation),
            OperationKind.Wait => Wait(run, operation),
            OperationKind.Resume => Resume(run, operation),
            OperationKind.Complete => Complete(run, operation),
            OperationKind.Cancel => Cancel(run, operation),
            OperationKind.RequestInput => RequestInput(run, operation),
            OperationKind.RespondToInput => RespondToInput(run, operation),
            _ => application.SendOverBroker(SendMode.Publish, new RunDue("dev", run.Id)),
        };
    }

    private async Task Create(RunOracle run, Operation operation)
    {
        var request = Requests[operation.Variant % Requests.Length];
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = run.Id,
            Kind = "agent",
            Owner = new Owner { Kind = "conversation", Id = conversation.ToString() },
            Request = new RawJson(request),
            ParentRunId = run.Parent?.Id,
        };
        var body = $$"""
            {"kind":"agent","owner":{"kind":"conversation","id":"{{conversation}}"},"public_id":"{{run.Id}}","request":{{request}},
             "parent_run_id":{{ToJsonString(run.Parent?.Id)}} }
            """;
        run.MayExist |= operation.Mode is SendMode.Publish or SendMode.PublishTwice;
        var parentExists = run.Parent is null or { Exists: true };
        foreach (var reply in await Send(operation.Mode, command, "/runs", body))
        {
            if (reply.Response.Status == 409)
            {
                Assert.Equal(RejectionCodes.ParentCancelled, reply.Response["code"].GetString());
                continue;
            }

            Assert.Contains(reply.Response.Status, (int[])(parentExists ? [200, 202] : [200, 202, 404]));
            run.RecordReply(reply, reportsCreation: reply.Changed);
        }
    }

    private async Task Start(RunOracle run, Operation operation)
    {
        var started = operation.Variant % 2 == 0 ? (RawJson?)null : new RawJson(NewEvent(RunEventTypes.RunStarted));
        var command = new StartRun { Tenant = "dev", RunId = run.Id, Event = started };
        await Send(run, GetBrokerMode(operation.Mode), command, "", ""); // the API has no start
    }

    private async Task Append(RunOracle run, Operation operation)
    {
        var (id, sequence) = run.Cursor;
        var (afterEvent, afterSequence) =
            ($"\"expected_previous_event_id\":{id},", $"\"expected_previous_external_event_sequence\":{sequence},");
        var (types, cursor) = (operation.Variant % 6) switch
        {
            0 => (["TEXT_MESSAGE_CONTENT"], ""),
            1 => (["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], ""),
            2 => (["TEXT_MESSAGE_CONTENT", "STEP_STARTED"], afterEvent),
            3 => (["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CONTENT"], afterSequence),
            4 => (["STEP_STARTED", "TEXT_MESSAGE_CONTENT"], afterEvent + afterSequence),
            _ => ((string[])["RUN_STARTED"], afterEvent),
        };
        string[] events = [.. types.Select(NewEvent)];
        var path = operation.Variant % 2 == 0 ? $"/runs/{run.Id}/events" : $"/conversations/{conversation}/runs/{run.Id}/events";
        var mode = cursor.Length > 0 ? (SendMode)((int)operation.Mode % 3) : SendMode.Http; // without a cursor, a repeat appends again
        var existed = run.Exists;
        var replies = await application.SendOverHttp(mode, path, $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""");
        foreach (var reply in replies)
        {
            AssertExpectedStatus(reply, existed, 200, 400, 404);
        }

        run.RecordAppend(events, [.. replies.Select(reply => reply.Response)]);
    }

    private async Task Wait(RunOracle run, Operation operation)
    {
        var (reason, toolCall, isExpired) = Waits[operation.Variant % Waits.Length];
        var command = new WaitRun
        {
            Tenant = "dev",
            RunId = run.Id,
            Reason = reason,
            ToolCallId = toolCall,
            ExpiresAt = isExpired ? DateTimeOffset.UnixEpoch : null,
        };
        var expiry = ToJsonString(isExpired ? "1970-01-01T00:00:00Z" : null);
        var body = $$"""{"reason":"{{reason}}","tool_call_id":{{ToJsonString(toolCall)}},"expires_at":{{expiry}} }""";
        foreach (var reply in await Send(run, operation.Mode, command, $"/runs/{run.Id}/wait", body))
        {
            if (reply is { IsMessage: false, Response.Status: 200 })
            {
                Assert.Equal(reply.Status == RunStatuses.Waiting, reply.Response["waiting"].GetBoolean());
            }
        }
    }

    private Task<ObservedReply[]> Resume(RunOracle run, Operation operation)
    {
        var (toolCall, result, isError) = Results[operation.Variant % Results.Length];
        var command = new ResumeRun
        {
            Tenant = "dev",
            RunId = run.Id,
            ToolCallId = toolCall,
            Result = new RawJson(result),
            IsError = isError,
        };
        var error = isError ? "true" : "false";
        var body = $$"""{"type":"tool_result","tool_call_id":{{ToJsonString(toolCall)}},"result":{{result}},"is_error":{{error}} }""";
        var mode = toolCall is null ? GetBrokerMode(operation.Mode) : operation.Mode; // the API requires a tool call
        return Send(run, mode, command, $"/runs/{run.Id}/resume", body);
    }

    private async Task Complete(RunOracle run, Operation operation)
    {
        var status = RunStatuses.Terminal[operation.Variant % RunStatuses.Terminal.Count];
        var command = new CompleteRun { Tenant = "dev", RunId = run.Id, Status = status, Output = new RawJson("[1.0]") };
        var below = GetExistingDescendants(run);
        var body = $$"""{"status":"{{status}}","output":[1.0]}""";
        foreach (var reply in await Send(run, operation.Mode, command, $"/runs/{run.Id}/complete", body))
        {
            if (reply is { IsMessage: false, Response.Status: 200 })
            {
                Assert.Equal(status == reply.Status, reply.Response["completed"].GetBoolean());
            }

            RecordFinish(run, reply, reply.Changed, status == RunStatuses.Cancelled ? below : []);
        }
    }

    private async Task Cancel(RunOracle run, Operation operation)
    {
        run.MayBePendingCancellation |= operation.Mode is SendMode.Publish or SendMode.PublishTwice;
        var below = GetExistingDescendants(run);
        var command = new CancelRun { Tenant = "dev", RunId = run.Id };
        foreach (var reply in await Send(run, operation.Mode, command, $"/runs/{run.Id}/cancel", ""))
        {
            RecordFinish(run, reply, reply.Changed, below);
        }
    }
}
