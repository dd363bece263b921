using System.Text.Json.Nodes;

namespace Runs.Client.Tests;

/// <summary>The calls of the client, against the real server.</summary>
public sealed class RunsClientTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    private RunsClient Client => server.Client;

    [Fact]
    public async Task A_create_without_an_id_gets_one_and_a_create_with_an_id_is_stored_once()
    {
        var generated = await Client.Create(NewRun.Task("task:x"));
        var id = EmbeddedServer.NewId();
        var first = await Client.Create(NewRun.Task("x", new { Pages = 3 }) with
        {
            PublicId = id,
            TimeoutSeconds = 60,
            BackoffLimit = 0,
            Priority = 5,
            StartWithin = TimeSpan.FromHours(1),
            Name = "Name",
        });
        var second = await Client.Create(NewRun.Task("x") with { PublicId = id });

        Assert.Matches("^run_[0-9a-f]{32}$", generated.Run.RunId);
        Assert.Equal((id, false), (first.Run.RunId, first.Duplicate));
        Assert.Equal((id, true), (second.Run.RunId, second.Duplicate));
        Assert.Equal("""{"pages":3}""", first.Run.Config!.Value.Text);
        Assert.Equal((60, 0, 5), (first.Run.TimeoutSeconds, first.Run.BackoffLimit, first.Run.Priority));
        Assert.Equal(EmbeddedServer.Project, first.Run.Owner.Id);
    }

    [Fact]
    public async Task Runs_of_every_kind_are_created()
    {
        var workflow = await Client.Create(NewRun.Workflow("w", new { a = 1 }));
        var eval = await Client.Create(NewRun.Eval("eval:e", new { b = 2 }, new { c = 3 }));
        var agent = await Client.Create(NewRun.Agent("writer", new { messages = Array.Empty<object>() }) with
        {
            Owner = new Owner { Kind = OwnerKinds.Conversation, Id = EmbeddedServer.Conversation },
        });

        Assert.Equal(("workflow:w", "w", """{"a":1}"""), (workflow.Run.Target, workflow.Run.WorkflowId, workflow.Run.Input!.Value.Text));
        Assert.Equal(
            ("eval:e", """{"b":2}""", """{"c":3}"""),
            (eval.Run.Target, eval.Run.Config!.Value.Text, eval.Run.Input!.Value.Text));
        Assert.Equal(("agent:writer", EmbeddedServer.Conversation), (agent.Run.Target, agent.ConversationId));
    }

    [Fact]
    public async Task Errors_have_a_type_a_code_and_the_run()
    {
        var id = EmbeddedServer.NewId();
        await Client.Create(NewRun.Task("x") with { PublicId = id });
        var notFound = await Assert.ThrowsAsync<RunNotFoundException>(() => Client.Get("run_none"));
        var conflict = await Assert.ThrowsAsync<RunConflictException>(() => Client.Create(NewRun.Eval("x") with { PublicId = id }));
        var invalid = await Assert.ThrowsAsync<RunsException>(() => Client.Create(NewRun.Task("x") with { TimeoutSeconds = 0 }));
        await Client.Complete(id, Outcome.Completed());
        var notActive = await Assert.ThrowsAsync<RunsException>(() => Client.Append(id, [new() { ["type"] = "CUSTOM" }]));

        Assert.Equal(
            (404, "RUN_NOT_FOUND", "run_none", false),
            ((int)notFound.Status!, notFound.Code, notFound.RunId, notFound.IsTransient));
        Assert.Equal(("RUN_ID_TAKEN", id), (conflict.Code, conflict.RunId));
        Assert.Equal((400, "INVALID_REQUEST"), ((int)invalid.Status!, invalid.Code));
        Assert.Contains("timeout_seconds", invalid.Detail, StringComparison.Ordinal);
        Assert.Equal("RUN_NOT_ACTIVE", notActive.Code);
    }

    [Fact]
    public async Task An_outcome_of_another_attempt_is_lost()
    {
        var id = await CreateStarted();

        var lost = await Assert.ThrowsAsync<AttemptLostException>(
            () => Client.Complete(id, Outcome.Completed() with { Attempt = 7 }));

        Assert.Equal(("ATTEMPT_LOST", id), (lost.Code, lost.RunId));
    }

    [Fact]
    public async Task WaitForEnd_returns_the_outcome()
    {
        var id = await CreateStarted();
        var waiting = Client.WaitForEnd(id, Timeout.InfiniteTimeSpan);

        var completed = await Client.Complete(id, Outcome.Completed(new { Answer = 42 }) with { ExitCode = 0, Logs = "text" });

        Assert.True(completed.Completed);
        Assert.Equal("""{"answer":42}""", (await waiting).Output!.Value.Text);
    }

    [Fact]
    public async Task WaitForEnd_throws_after_its_timeout()
    {
        var id = await CreateStarted();

        await Assert.ThrowsAsync<TimeoutException>(() => Client.WaitForEnd(id, TimeSpan.FromMilliseconds(300)));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.WaitForEnd(id, TimeSpan.FromMinutes(1), cancelled.Token));
    }

    [Fact]
    public async Task Follow_returns_the_log_to_its_end_and_continues_after_an_event()
    {
        var id = await CreateStarted();
        var reading = ReadAll(Client.Follow(id));
        await Client.Append(id, [Event("a"), Event("b")]);
        await Client.Complete(id, Outcome.Completed());
        var events = await reading.WaitAsync(Eventually.Timeout);

        Assert.Equal(["RUN_STARTED", "CUSTOM", "CUSTOM", "CUSTOM", "RUN_FINISHED"], events.Select(item => item.EventType));
        Assert.Equal([1, 2, 3, 4, 5], events.Select(item => item.EventId));
        Assert.Contains("\"b\"", events[3].Payload.Text, StringComparison.Ordinal);
        Assert.Equal([4, 5], (await ReadAll(Client.Follow(id, after: 3))).Select(item => item.EventId));
        Assert.Empty(await ReadAll(Client.Follow(id, after: 5)));
    }

    [Fact]
    public async Task An_append_with_an_expectation_is_stored_once()
    {
        var id = await CreateStarted();
        var expected = new AppendExpectation { PreviousEventId = 2 };

        var first = await Client.Append(id, [Event("a"), Event("b")], expected);
        var again = await Client.Append(id, [Event("a"), Event("b")], expected);
        var mismatch = await Assert.ThrowsAsync<RunsException>(() => Client.Append(id, [Event("c")], expected));

        Assert.Equal((2, 4, 3), (first.AppendedCount, first.LatestEventId, first.LatestExternalEventSequence));
        Assert.Equal((0, 4), (again.AppendedCount, again.LatestEventId));
        Assert.Equal("EVENT_CURSOR_MISMATCH", mismatch.Code);
    }

    [Fact]
    public async Task A_waiting_run_is_resumed_with_a_result()
    {
        var id = await CreateStarted();

        var waiting = await Client.Wait(id, new RunWait { Reason = WaitingReasons.Tool, ToolCallId = "call", ToolName = "search" });
        var resumed = await Client.Resume(id, "call", new { Rows = 1 });
        var again = await Client.Resume(id, "call", new { Rows = 1 });
        var conflict = await Assert.ThrowsAsync<RunConflictException>(() => Client.Resume(id, "call", null));

        Assert.Equal((true, RunStatuses.Waiting), (waiting.Waiting, waiting.Run.Status));
        Assert.Equal((true, false), (resumed.Accepted, resumed.Duplicate));
        Assert.True(again.Duplicate);
        Assert.Equal("TOOL_RESULT_CONFLICT", conflict.Code);
    }

    [Fact]
    public async Task A_cancel_ends_a_run_once()
    {
        var id = await CreateStarted();

        Assert.True((await Client.Cancel(id)).Cancelled);
        Assert.False((await Client.Cancel(id)).Cancelled);
        Assert.Equal(RunStatuses.Cancelled, (await Client.Get(id)).Status);
    }

    [Fact]
    public async Task Attempts_are_listed()
    {
        var id = await CreateStarted();
        await Client.Complete(id, Outcome.Failed("CODE", "text"));

        var attempt = Assert.Single(await Client.Attempts(id));

        Assert.Equal((1, AttemptOutcomes.Failed, "CODE"), (attempt.Attempt, attempt.Outcome, attempt.Error?.Code));
    }

    [Fact]
    public async Task A_list_has_all_pages_and_filters()
    {
        const string project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a11";
        var owner = new Owner { Kind = OwnerKinds.Project, Id = project };
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await Client.Create(NewRun.Task("x") with { Owner = owner })).Run.RunId);
        }

        var eval = (await Client.Create(NewRun.Eval("x") with { Owner = owner })).Run.RunId;

        var all = await ReadAll(Client.List(new RunFilter { Project = project, PageSize = 2 }));
        var evals = await ReadAll(Client.List(new RunFilter { Project = project, Kind = RunKinds.Eval, Status = RunStatuses.Pending }));

        Assert.Equal(ids.Append(eval).Order(StringComparer.Ordinal), all.Select(run => run.RunId).Order(StringComparer.Ordinal));
        Assert.Equal([eval], evals.Select(run => run.RunId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_is_opened_listed_and_answered(bool inConversation)
    {
        var (run, scope) = inConversation
            ? (await CreateInConversation(), InputRequestScope.Conversation(EmbeddedServer.Conversation))
            : await CreateInProject();
        var form = Form.Confirm("Send?");

        var opened = await Client.Inputs.Create(scope, new NewInputRequest
        {
            RunId = run,
            ToolCallId = "approve",
            RequestedResponderType = form.RequestedResponderType,
            Title = form.Title,
            Fields = form.Fields,
        });
        Assert.Contains(await ReadAll(Client.Inputs.List(scope, "open")), request => request.Id == opened.Id);
        var answered = await Client.Inputs.Respond(scope, opened.Id, new { confirmed = true });

        Assert.Equal(inConversation ? EmbeddedServer.Conversation : null, opened.ConversationId);
        Assert.Equal(("open", "submitted"), (opened.Status, answered.Status));
        Assert.Equal("""{"confirmed":true}""", (await Client.Inputs.Get(scope, opened.Id)).LatestResponse!.Values.Text);
        await Assert.ThrowsAsync<RunConflictException>(() => Client.Inputs.Cancel(scope, opened.Id));
    }

    [Fact]
    public async Task A_wait_opens_a_form_which_is_cancelled()
    {
        var (run, scope) = await CreateInProject();
        var wait = new RunWait { Reason = WaitingReasons.Input, ToolCallId = "approve", InputRequest = Form.Text("Why?") };

        var waiting = await Client.Wait(run, wait);
        var cancelled = await Client.Inputs.Cancel(scope, waiting.InputRequestId!);
        var repeated = await Client.Wait(run, wait);

        Assert.True(waiting.Waiting);
        Assert.Equal(("Why?", "cancelled"), (cancelled.Title, cancelled.Status));
        Assert.Equal((false, waiting.InputRequestId), (repeated.Waiting, repeated.InputRequestId));
        Assert.Null((await Client.Wait(run, new RunWait { Reason = WaitingReasons.Event })).InputRequestId);
    }

    private async Task<string> CreateInConversation()
    {
        var created = await Client.Create(NewRun.Agent("writer", new { messages = Array.Empty<object>() }) with
        {
            Owner = new Owner { Kind = OwnerKinds.Conversation, Id = EmbeddedServer.Conversation },
        });
        return created.Run.RunId;
    }

    private async Task<(string RunId, InputRequestScope Scope)> CreateInProject()
    {
        var created = await Client.Create(NewRun.Task("task:ask"));
        return (created.Run.RunId, InputRequestScope.Run(created.Run.RunId));
    }

    private static JsonObject Event(string name) => new() { ["type"] = "CUSTOM", ["name"] = name };

    private static async Task<List<T>> ReadAll<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    // The log has RUN_STARTED and the first event.
    private async Task<string> CreateStarted()
    {
        var id = (await Client.Create(NewRun.Task("x"))).Run.RunId;
        await Client.Append(id, [Event("started")]);
        return id;
    }
}
