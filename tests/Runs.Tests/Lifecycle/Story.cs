using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

/// <summary>Three runs of a tree, in a conversation of their own, and what is done to them over HTTP and broker.</summary>
internal sealed class Story
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

    private readonly Stack _stack;
    private readonly Guid _conversation = Guid.CreateVersion7();
    private readonly RunWitness[] _runs;
    private readonly List<RunWitness> _doomed = [];
    private int _events;

    public Story(Stack stack)
    {
        _stack = stack;
        var root = new RunWitness(stack, _conversation, parent: null);
        var child = new RunWitness(stack, _conversation, root);
        _runs = [root, child, new RunWitness(stack, _conversation, child)];
    }

    /// <summary>Does the steps, and looks at all runs after each, or after those that were done together.</summary>
    public async Task Play(IReadOnlyList<Step> steps)
    {
        for (var next = 0; next < steps.Count;)
        {
            var together = new List<Task>();
            do
            {
                together.Add(Do(steps[next++]));
            }
            while (next < steps.Count && steps[next].Together);

            await Task.WhenAll(together);
            await Look();
        }

        await Eventually.Holds(async () =>
        {
            await Look();
            return _doomed.TrueForAll(run => run.HasEnded) && !_runs.Any(run => run.IsOverdue || run.IsActiveBelowACancelledRun);
        });
    }

    /// <summary>Reads every run and checks all that was ever told of it.</summary>
    public async Task Look()
    {
        var acknowledged = _runs.Where(run => run.Exists).Select(run => run.Id).ToList();
        await Task.WhenAll(_runs.Select(run => run.Look()));
        var page = await _stack.Client.Read($"/conversations/{_conversation}/runs?limit=100");
        var listed = page["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()!).ToList();
        Assert.Equal(listed.Distinct(), listed);
        Assert.Empty(acknowledged.Except(listed));
    }

    /// <summary>Looks once more, and checks that all of it was told to whoever listens.</summary>
    public Task End(Facts facts) => Eventually.Succeeds(async () =>
    {
        await Look();
        foreach (var run in _runs)
        {
            if (await _stack.LogOf(run.Id) is var (stored, _))
            {
                facts.AssertToldOf(stored);
            }
        }
    });

    private Task Do(Step step)
    {
        var run = _runs[step.Run];
        return step.Verb switch
        {
            Verb.Create => Create(run, step),
            Verb.Start => Start(run, step),
            Verb.Append => Append(run, step),
            Verb.Wait => Wait(run, step),
            Verb.Resume => Resume(run, step),
            Verb.Complete => Complete(run, step),
            Verb.Cancel => Cancel(run, step),
            Verb.AskForInput => AskForInput(run, step),
            Verb.AnswerInput => AnswerInput(run, step),
            _ => _stack.OverBroker(Way.Tell, new RunDue("dev", run.Id)),
        };
    }

    private async Task Create(RunWitness run, Step step)
    {
        var request = Requests[step.Choice % Requests.Length];
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
             "parent_run_id":{{Quoted(run.Parent?.Id)}} }
            """;
        run.MayExist |= step.Way is Way.Tell or Way.TellTwice;
        var parentExists = run.Parent is null or { Exists: true };
        foreach (var reply in await Send(step.Way, command, "/runs", body))
        {
            if (reply.Answer.Status == 409)
            {
                Assert.Equal(RefusalCodes.ParentCancelled, reply.Answer["code"].GetString());
                continue;
            }

            Assert.Contains(reply.Answer.Status, (int[])(parentExists ? [200, 202] : [200, 202, 404]));
            run.Told(reply, made: reply.Changed);
        }
    }

    private async Task Start(RunWitness run, Step step)
    {
        var own = step.Choice % 2 == 0 ? (RawJson?)null : new RawJson(NewEvent(RunEventTypes.RunStarted));
        var command = new StartRun { Tenant = "dev", RunId = run.Id, Event = own };
        await Send(run, step.Way >= Way.Ask ? step.Way : step.Way + 3, command, "", "");
    }

    private async Task Append(RunWitness run, Step step)
    {
        var (id, sequence) = run.Cursor;
        var (types, cursor) = (step.Choice % 6) switch
        {
            0 => (["TEXT_MESSAGE_CONTENT"], ""),
            1 => (["RUN_STARTED", "TEXT_MESSAGE_CONTENT"], ""),
            2 => (["TEXT_MESSAGE_CONTENT", "STEP_STARTED"], $"\"expected_previous_event_id\":{id},"),
            3 => (["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CONTENT"], $"\"expected_previous_external_event_sequence\":{sequence},"),
            4 => (["STEP_STARTED", "TEXT_MESSAGE_CONTENT"], $"\"expected_previous_event_id\":{id},\"expected_previous_external_event_sequence\":{sequence},"),
            _ => ((string[])["RUN_STARTED"], $"\"expected_previous_event_id\":{id},"),
        };
        string[] events = [.. types.Select(NewEvent)];
        var path = step.Choice % 2 == 0 ? $"/runs/{run.Id}/events" : $"/conversations/{_conversation}/runs/{run.Id}/events";
        var way = cursor.Length > 0 ? (Way)((int)step.Way % 3) : Way.Http; // without a cursor a repeat is news
        var existed = run.Exists;
        var replies = await _stack.OverHttp(way, path, $$"""{ {{cursor}} "events":[{{string.Join(',', events)}}]}""");
        foreach (var reply in replies)
        {
            AssertHonest(reply, existed, 200, 400, 404);
        }

        run.ToldOfAppend(events, [.. replies.Select(reply => reply.Answer)]);
    }

    private async Task Wait(RunWitness run, Step step)
    {
        var (reason, toolCall, isOver) = Waits[step.Choice % Waits.Length];
        var command = new WaitRun { Tenant = "dev", RunId = run.Id, Reason = reason, ToolCallId = toolCall, ExpiresAt = isOver ? DateTimeOffset.UnixEpoch : null };
        var body = $$"""{"reason":"{{reason}}","tool_call_id":{{Quoted(toolCall)}},"expires_at":{{(isOver ? "\"1970-01-01T00:00:00Z\"" : "null")}} }""";
        foreach (var reply in await Send(run, step.Way, command, $"/runs/{run.Id}/wait", body))
        {
            Assert.True(reply.IsMessage || reply.Answer.Status != 200 || reply.Answer["waiting"].GetBoolean() == (reply.Status == RunStatuses.Waiting));
        }
    }

    private Task<Reply[]> Resume(RunWitness run, Step step)
    {
        var (toolCall, result, isError) = Results[step.Choice % Results.Length];
        var command = new ResumeRun { Tenant = "dev", RunId = run.Id, ToolCallId = toolCall, Result = new RawJson(result), IsError = isError };
        var body = $$"""{"type":"tool_result","tool_call_id":{{Quoted(toolCall)}},"result":{{result}},"is_error":{{(isError ? "true" : "false")}} }""";
        return Send(run, toolCall is null && step.Way < Way.Ask ? step.Way + 3 : step.Way, command, $"/runs/{run.Id}/resume", body);
    }

    private async Task Complete(RunWitness run, Step step)
    {
        var status = RunStatuses.Terminal[step.Choice % RunStatuses.Terminal.Count];
        var command = new CompleteRun { Tenant = "dev", RunId = run.Id, Status = status, Output = new RawJson("[1.0]") };
        var below = Below(run);
        foreach (var reply in await Send(run, step.Way, command, $"/runs/{run.Id}/complete", $$"""{"status":"{{status}}","output":[1.0]}"""))
        {
            if (reply is { IsMessage: false, Answer.Status: 200 })
            {
                Assert.Equal(status == reply.Status, reply.Answer["completed"].GetBoolean());
            }

            Ended(run, reply, reply.Changed, status == RunStatuses.Cancelled ? below : []);
        }
    }

    private async Task Cancel(RunWitness run, Step step)
    {
        run.MayBeCalledOff |= step.Way is Way.Tell or Way.TellTwice;
        var below = Below(run);
        foreach (var reply in await Send(run, step.Way, new CancelRun { Tenant = "dev", RunId = run.Id }, $"/runs/{run.Id}/cancel", ""))
        {
            Ended(run, reply, reply.Changed, below);
        }
    }

    private Task<Reply[]> AskForInput(RunWitness run, Step step)
    {
        var toolCall = step.Choice % 3 == 0 ? "call_1" : $"form_{step.Choice % 3}";
        var form = new InputForm { RequestedResponderType = "human", Title = "Which?", Fields = new RawJson("[1]") };
        var command = new WaitRun { Tenant = "dev", RunId = run.Id, Reason = "input", ToolCallId = toolCall, InputRequest = form };
        var body = $$"""{"kind":"form","run_id":"{{run.Id}}","tool_call_id":"{{toolCall}}","requested_responder_type":"human","title":"Which?","fields":[1]}""";
        return Send(run, step.Way, command, $"/conversations/{_conversation}/input-requests", body);
    }

    private Task<Reply[]> AnswerInput(RunWitness run, Step step)
    {
        var toolCall = $"form_{step.Choice % 2 + 1}";
        var isCancel = step.Choice % 3 == 0;
        var values = isCancel ? "null" : $$"""{"a":{{step.Choice}}}""";
        var command = new ResumeRun
        {
            Tenant = "dev",
            RunId = run.Id,
            ToolCallId = toolCall,
            Result = new RawJson(values),
            IsError = isCancel,
            Responder = new InputResponder { ActorType = "human" },
        };
        var request = RunKey.Derive(RunKey.Of("dev", run.Id), $"input-request/{toolCall}");
        return Send(run, step.Way, command, $"/conversations/{_conversation}/input-requests/{request}/{(isCancel ? "cancel" : "responses")}", $$"""{"values":{{values}}}""");
    }

    private async Task<Reply[]> Send<T>(RunWitness run, Way way, T command, string path, string body)
        where T : class
    {
        var existed = run.Exists;
        var replies = await Send(way, command, path, body);
        foreach (var reply in replies)
        {
            AssertHonest(reply, existed, 200, 201, 404, 409);
            run.Told(reply);
        }

        return replies;
    }

    private Task<Reply[]> Send<T>(Way way, T command, string path, string body)
        where T : class => way < Way.Ask ? _stack.OverHttp(way, path, body) : _stack.OverBroker(way, command);

    private void Ended(RunWitness run, Reply reply, bool ended, IEnumerable<RunWitness> below)
    {
        if (ended)
        {
            run.ToldThatItEnded(reply);
            lock (_doomed)
            {
                _doomed.AddRange(below);
            }
        }
    }

    // Those that were there for certain when the run ended.
    private List<RunWitness> Below(RunWitness run) => [.. _runs.SkipWhile(other => other != run).Skip(1).TakeWhile(other => other.Exists)];

    private static void AssertHonest(Reply reply, bool existed, params ReadOnlySpan<int> statuses)
    {
        Assert.True(statuses.Contains(reply.Answer.Status), reply.Answer.ToString());
        Assert.False(existed && reply.Answer.Status == 404 && reply.Answer["code"].GetString() == RefusalCodes.RunNotFound, "An acknowledged run is gone.");
    }

    private string NewEvent(string type) => $$"""{"type":"{{type}}","n":{{Interlocked.Increment(ref _events)}}.0}""";

    private static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";
}
