using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Three runs of a tree, in a conversation of their own, and what is done to them over HTTP and broker.</summary>
internal sealed class Scenario
{
    private static readonly string[] Requests =
    [
        """{"agent_id":"writer","input":{"n":1.0}}""",
        """{"agent_id":"writer","initial_status":"running","input":{}}""",
        """{"agent_id":"writer"}""",
        """{"agent_id":"writer","implementation_kind":"worker"}""",
    ];

    private static readonly (string Reason, string? ToolCall, bool IsOver)[] Waits =
        [("tool", "call_1", false), ("tool", "call_2", false), ("approval", null, false), ("tool", "call_1", true), ("input", "form_1", false), ("event", null, false)];

    private static readonly (string? ToolCall, string Result, bool IsError)[] Results =
        [("call_1", "1", false), ("call_1", "2", false), ("call_2", "1", false), (null, "1", false), ("form_1", "1", false), ("form_1", "null", true)];

    private readonly RunsApplication _stack;
    private readonly Guid _conversation = Guid.CreateVersion7();
    private readonly RunOracle[] _runs;
    private readonly List<RunOracle> _cancelledDescendants = [];
    private int _events;

    public Scenario(RunsApplication application)
    {
        _stack = application;
        var root = new RunOracle(application, _conversation, parent: null);
        var child = new RunOracle(application, _conversation, root);
        _runs = [root, child, new RunOracle(application, _conversation, child)];
    }

    /// <summary>Does the steps, and looks at all runs after each, or after those that were done together.</summary>
    public async Task Execute(IReadOnlyList<OperationResult> operations)
    {
        for (var next = 0; next < operations.Count;)
        {
            var together = new List<Task>();
            do
            {
                together.Add(ExecuteOperation(operations[next++]));
            }
            while (next < operations.Count && operations[next].IsConcurrent);

            await Task.WhenAll(together);
            await VerifyRuns();
        }

        await Eventually.Holds(async () =>
        {
            await VerifyRuns();
            return _cancelledDescendants.TrueForAll(run => run.HasFinished) && !_runs.Any(run => run.IsOverdue || run.IsActiveBelowACancelledRun);
        });
    }

    /// <summary>Reads every run and checks all that was ever told of it.</summary>
    public async Task VerifyRuns()
    {
        var acknowledged = _runs.Where(run => run.Exists).Select(run => run.Id).ToList();
        await Task.WhenAll(_runs.Select(run => run.Verify()));
        var page = await _stack.Client.Get($"/conversations/{_conversation}/runs?limit=100");
        var listed = page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()!).ToList();
        Assert.Equal(listed.Distinct(), listed);
        Assert.Empty(acknowledged.Except(listed));
    }

    /// <summary>Looks once more, and checks that all of it was told to whoever listens.</summary>
    public Task VerifyPublishedEvents(PublishedEvents facts) => Eventually.Succeeds(async () =>
    {
        await VerifyRuns();
        foreach (var run in _runs)
        {
            if (await _stack.ReadVerifiedLog(run.Id) is var (stored, _))
            {
                facts.AssertPublishedFor(stored);
            }
        }
    });

    private Task ExecuteOperation(OperationResult operation)
    {
        var run = _runs[operation.Run];
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
            _ => _stack.SendOverBroker(SendMode.Tell, new RunDue("dev", run.Id)),
        };
    }

    private async Task Create(RunOracle run, OperationResult step)
    {
        var request = Requests[step.Variant % Requests.Length];
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = run.Id,
            Kind = "agent",
            Owner = new Owner { Kind = "conversation", Id = _conversation.ToString() },
            Request = new RawJson(request),
            ParentRunId = run.Parent?.Id,
        };
        var body = $$"""
            {"kind":"agent","owner":{"kind":"conversation","id":"{{_conversation}}"},"public_id":"{{run.Id}}","request":{{request}},
             "parent_run_id":{{ToJsonString(run.Parent?.Id)}} }
            """;
        run.MayExist |= step.Mode is SendMode.Tell or SendMode.TellTwice;
        var parentExists = run.Parent is null or { Exists: true };
        foreach (var reply in await Send(step.Mode, command, "/runs", body))
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

    private async Task Start(RunOracle run, OperationResult step)
    {
        var own = step.Variant % 2 == 0 ? (RawJson?)null : new RawJson(NewEvent(RunEventTypes.RunStarted));
        var command = new StartRun { Tenant = "dev", RunId = run.Id, Event = own };
        await Send(run, step.Mode >= SendMode.Ask ? step.Mode : step.Mode + 3, command, "", "");
    }

    private async Task Append(RunOracle run, OperationResult step)
    {
        var (id, sequence) = run.Cursor;
        var (types, cursor) = (step.Variant % 6) switch
        {
            0 => (["TEXT_MESSAGE_CONTENT"], ""),
            1 => (["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], ""),
            2 => (["TEXT_MESSAGE_CONTENT", "STEP_STARTED"], $"\"expected_previous_event_id\":{id},"),
            3 => (["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CONTENT"], $"\"expected_previous_external_event_sequence\":{sequence},"),
            4 => (["STEP_STARTED", "TEXT_MESSAGE_CONTENT"], $"\"expected_previous_event_id\":{id},\"expected_previous_external_event_sequence\":{sequence},"),
            _ => ((string[])["RUN_STARTED"], $"\"expected_previous_event_id\":{id},"),
        };
        string[] events = [.. types.Select(NewEvent)];
        var path = step.Variant % 2 == 0 ? $"/runs/{run.Id}/events" : $"/conversations/{_conversation}/runs/{run.Id}/events";
        var way = cursor.Length > 0 ? (SendMode)((int)step.Mode % 3) : SendMode.Http; // without a cursor a repeat is news
        var existed = run.Exists;
        var replies = await _stack.SendOverHttp(way, path, $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""");
        foreach (var reply in replies)
        {
            AssertExpectedStatus(reply, existed, 200, 400, 404);
        }

        run.RecordAppend(events, [.. replies.Select(reply => reply.Response)]);
    }

    private async Task Wait(RunOracle run, OperationResult step)
    {
        var (reason, toolCall, isOver) = Waits[step.Variant % Waits.Length];
        var command = new WaitRun { Tenant = "dev", RunId = run.Id, Reason = reason, ToolCallId = toolCall, ExpiresAt = isOver ? DateTimeOffset.UnixEpoch : null };
        var body = $$"""{"reason":"{{reason}}","tool_call_id":{{ToJsonString(toolCall)}},"expires_at":{{(isOver ? "\"1970-01-01T00:00:00Z\"" : "null")}} }""";
        foreach (var reply in await Send(run, step.Mode, command, $"/runs/{run.Id}/wait", body))
        {
            Assert.True(reply.IsMessage || reply.Response.Status != 200 || reply.Response["waiting"].GetBoolean() == (reply.Status == RunStatuses.Waiting));
        }
    }

    private Task<ObservedReply[]> Resume(RunOracle run, OperationResult step)
    {
        var (toolCall, result, isError) = Results[step.Variant % Results.Length];
        var command = new ResumeRun { Tenant = "dev", RunId = run.Id, ToolCallId = toolCall, Result = new RawJson(result), IsError = isError };
        var body = $$"""{"type":"tool_result","tool_call_id":{{ToJsonString(toolCall)}},"result":{{result}},"is_error":{{(isError ? "true" : "false")}} }""";
        return Send(run, toolCall is null && step.Mode < SendMode.Ask ? step.Mode + 3 : step.Mode, command, $"/runs/{run.Id}/resume", body);
    }

    private async Task Complete(RunOracle run, OperationResult step)
    {
        var status = RunStatuses.Terminal[step.Variant % RunStatuses.Terminal.Count];
        var command = new CompleteRun { Tenant = "dev", RunId = run.Id, Status = status, Output = new RawJson("[1.0]") };
        var below = GetExistingDescendants(run);
        foreach (var reply in await Send(run, step.Mode, command, $"/runs/{run.Id}/complete", $$"""{"status":"{{status}}","output":[1.0]}"""))
        {
            if (reply is { IsMessage: false, Response.Status: 200 })
            {
                Assert.Equal(status == reply.Status, reply.Response["completed"].GetBoolean());
            }

            RecordFinish(run, reply, reply.Changed, status == RunStatuses.Cancelled ? below : []);
        }
    }

    private async Task Cancel(RunOracle run, OperationResult step)
    {
        run.MayBePendingCancellation |= step.Mode is SendMode.Tell or SendMode.TellTwice;
        var below = GetExistingDescendants(run);
        foreach (var reply in await Send(run, step.Mode, new CancelRun { Tenant = "dev", RunId = run.Id }, $"/runs/{run.Id}/cancel", ""))
        {
            RecordFinish(run, reply, reply.Changed, below);
        }
    }

    private Task<ObservedReply[]> RequestInput(RunOracle run, OperationResult step)
    {
        var toolCall = step.Variant % 3 == 0 ? "call_1" : $"form_{step.Variant % 3}";
        var form = new InputForm { RequestedResponderType = "human", Title = "Which?", Fields = new RawJson("[1]") };
        var command = new WaitRun { Tenant = "dev", RunId = run.Id, Reason = "input", ToolCallId = toolCall, InputRequest = form };
        var body = $$"""{"kind":"form","run_id":"{{run.Id}}","tool_call_id":"{{toolCall}}","requested_responder_type":"human","title":"Which?","fields":[1]}""";
        return Send(run, step.Mode, command, $"/conversations/{_conversation}/input-requests", body);
    }

    private Task<ObservedReply[]> RespondToInput(RunOracle run, OperationResult step)
    {
        var toolCall = $"form_{step.Variant % 2 + 1}";
        var isCancel = step.Variant % 3 == 0;
        var values = isCancel ? "null" : $$"""{"a":{{step.Variant}}}""";
        var command = new ResumeRun
        {
            Tenant = "dev",
            RunId = run.Id,
            ToolCallId = toolCall,
            Result = new RawJson(values),
            IsError = isCancel,
            Responder = new InputResponder { ActorType = "human" },
        };
        var request = RunIds.Derive(RunIds.ForRun("dev", run.Id), $"input-request/{toolCall}");
        return Send(run, step.Mode, command, $"/conversations/{_conversation}/input-requests/{request}/{(isCancel ? "cancel" : "responses")}", $$"""{"values":{{values}}}""");
    }

    private async Task<ObservedReply[]> Send<T>(RunOracle run, SendMode way, T command, string path, string body)
        where T : class
    {
        var existed = run.Exists;
        var replies = await Send(way, command, path, body);
        foreach (var reply in replies)
        {
            AssertExpectedStatus(reply, existed, 200, 201, 404, 409);
            run.RecordReply(reply);
        }

        return replies;
    }

    private Task<ObservedReply[]> Send<T>(SendMode way, T command, string path, string body)
        where T : class => way < SendMode.Ask ? _stack.SendOverHttp(way, path, body) : _stack.SendOverBroker(way, command);

    private void RecordFinish(RunOracle run, ObservedReply reply, bool ended, IEnumerable<RunOracle> descendants)
    {
        if (ended)
        {
            run.RecordFinishReply(reply);
            lock (_cancelledDescendants)
            {
                _cancelledDescendants.AddRange(descendants);
            }
        }
    }

    // Those that were there for certain when the run ended.
    private List<RunOracle> GetExistingDescendants(RunOracle run) => [.. _runs.SkipWhile(other => other != run).Skip(1).TakeWhile(other => other.Exists)];

    private static void AssertExpectedStatus(ObservedReply reply, bool existed, params ReadOnlySpan<int> statuses)
    {
        Assert.True(statuses.Contains(reply.Response.Status), reply.Response.ToString());
        Assert.False(existed && reply.Response.Status == 404 && reply.Response["code"].GetString() == RejectionCodes.RunNotFound, "An acknowledged run is gone.");
    }

    private string NewEvent(string type) => $$"""{"type":"{{type}}","n":{{Interlocked.Increment(ref _events)}}.0}""";

    private static string ToJsonString(string? text) => text is null ? "null" : $"\"{text}\"";
}
