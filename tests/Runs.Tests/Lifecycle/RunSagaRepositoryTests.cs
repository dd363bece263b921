using MassTransit;
using MassTransit.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The saga repository: conflicts, an unavailable store, replies and the change history.</summary>
public sealed class RunSagaRepositoryTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task A_create_is_inserted_without_a_read()
    {
        _harness.Script.ClearCalls();

        var snapshot = await _harness.Send(Create());

        Assert.DoesNotContain(nameof(IRunStore.Find), _harness.Script.Calls);
        Assert.DoesNotContain(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
        Assert.True(snapshot.StoreMs > 0);
        Assert.True(snapshot.SagaMs >= snapshot.StoreMs);
    }

    [Fact]
    public async Task A_command_is_handled_again_after_a_concurrency_conflict()
    {
        await _harness.Send(Create());
        _harness.Script.ClearCalls();
        _harness.Script.AnswerNext(nameof(IRunStore.TryReplace), false);

        Assert.True((await _harness.Send(Start())).Changed);

        Assert.Equal(2, _harness.Script.Calls.Count(call => call == nameof(IRunStore.Find)));
        var run = (await _harness.Find("run_1"))!;
        Assert.Equal((2, RunStatuses.Running), (run.Version, run.Status));
        Assert.Equal(2, run.Changes.Count);
    }

    [Fact]
    public async Task Repeated_conflicts_are_retried_after_a_delay()
    {
        await _harness.Send(Create());
        for (var conflict = 0; conflict < 3; conflict++)
        {
            _harness.Script.AnswerNext(nameof(IRunStore.TryReplace), false);
        }

        var started = _harness.Send(Start());
        await Eventually.Holds(() => Task.FromResult(Replaces() == 2));
        Assert.False(started.IsCompleted);

        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(1));
            return Task.FromResult(started.IsCompleted);
        });
        Assert.True((await started).Changed);
        Assert.InRange(_harness.Clock.GetUtcNow() - TestRuns.Noon, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(32));
    }

    [Fact]
    public async Task An_unavailable_store_that_wrote_nothing_is_a_rejection()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Away.", null) { NothingWritten = true });

        Assert.Equal(RejectionCodes.StoreUnavailable, await _harness.SendRejected(Create()));
    }

    [Fact]
    public async Task A_command_is_retried_if_it_may_have_been_written()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Away.", null));

        Assert.True((await SendWhileTimePasses(Create())).Changed);

        // The command may have been stored, so the retry reads first.
        Assert.Contains(nameof(IRunStore.Find), _harness.Script.Calls);
    }

    [Fact]
    public async Task A_command_without_response_address_is_retried_and_gets_no_reply()
    {
        await _harness.Send(Create());
        _harness.Script.FailNext(nameof(IRunStore.TryReplace), new StoreUnavailableException("Away.", null) { NothingWritten = true });

        await _harness.Bus.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = "run_1", Status = RunStatuses.Completed });

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal(RunStatuses.Completed, (await _harness.Find("run_1"))!.Status);
        });
        Assert.Empty(_harness.Bus.Published.Select<RunSnapshot>());
        Assert.Empty(_harness.Bus.Published.Select<RunRejected>());
    }

    [Fact]
    public async Task A_rejected_command_without_response_address_gets_no_reply()
    {
        await _harness.Bus.Bus.Publish(Start());

        Assert.True(await _harness.Bus.Consumed.Any<StartRun>());
        Assert.Empty(_harness.Bus.Published.Select<RunRejected>());
    }

    [Fact]
    public async Task A_time_is_never_before_the_last_change_or_event()
    {
        await _harness.Send(Create());
        var run = (await _harness.Find("run_1"))!;
        var future = TestRuns.Noon.AddMinutes(1);
        Assert.True(await _harness.Store.TryReplace(run.NextVersion(next => next.UpdatedAt = future), RunVersion.From(run), default));

        await _harness.Send(Start());

        run = (await _harness.Find("run_1"))!;
        Assert.Equal(future, run.StartedAt);
        Assert.True(await _harness.Store.TryReplace(
            run.NextVersion(next => next.LatestEventAt = future.AddMinutes(1)), RunVersion.From(run), default));

        await _harness.Send(new CompleteRun { Tenant = "dev", RunId = "run_1", Status = RunStatuses.Completed });

        Assert.Equal(future.AddMinutes(1), (await _harness.Find("run_1"))!.CompletedAt);
    }

    [Fact]
    public async Task A_change_records_the_actor_the_way_and_the_statuses()
    {
        var actor = new Actor { Type = ActorTypes.User, Id = "user" };
        var messageId = NewId.NextGuid();
        await _harness.Send(Create() with { Actor = actor, TraceId = "trace" }, messageId);
        await _harness.Send(Start());

        var changes = (await _harness.Find("run_1"))!.Changes;

        Assert.Equal(
            new RunChange(TestRuns.Noon, "create", actor, RunChanges.ViaBroker, null, RunStatuses.Pending, messageId, "trace"), changes[0]);
        Assert.Equal(("start", RunStatuses.Pending, RunStatuses.Running), (changes[1].Action, changes[1].From, changes[1].To));
    }

    [Fact]
    public async Task A_command_of_the_API_queue_is_recorded_as_sent_over_HTTP()
    {
        var client = _harness.Bus.Bus.CreateRequestClient<CreateRun>(new Uri($"queue:{CommandQueue.Name}"));

        await client.GetResponse<RunSnapshot>(Create());

        Assert.Equal(RunChanges.ViaHttp, (await _harness.Find("run_1"))!.Changes[0].Via);
    }

    [Fact]
    public async Task A_run_keeps_its_latest_changes()
    {
        await _harness.Send(Create());
        for (var wait = 0; wait < 12; wait++)
        {
            await _harness.Send(new WaitRun { Tenant = "dev", RunId = "run_1", Reason = WaitingReasons.Approval });
            await _harness.Send(new ResumeRun { Tenant = "dev", RunId = "run_1" });
        }

        var changes = (await _harness.Find("run_1"))!.Changes;

        Assert.Equal(RunChange.MaxPerRun, changes.Count);
        Assert.Equal(("wait", "resume"), (changes[0].Action, changes[^1].Action));
    }

    [Fact]
    public async Task A_child_below_a_cancelled_run_or_the_last_level_is_rejected()
    {
        await Insert("cancelled", null, run => run.Status = RunStatuses.Cancelled);
        await Insert("below", "cancelled", run => run.Status = RunStatuses.Completed);
        await Insert("deep", null, run => run.Depth = 100);

        Assert.Equal(RejectionCodes.ParentCancelled, await _harness.SendRejected(Create() with { ParentRunId = "cancelled" }));
        Assert.Equal(RejectionCodes.ParentCancelled, await _harness.SendRejected(Create() with { ParentRunId = "below" }));
        var tooDeep = await _harness.Bus.GetRequestClient<CreateRun>().GetResponse<RunRejected>(Create() with { ParentRunId = "deep" });
        Assert.Equal(RejectionCodes.TreeTooDeep, tooDeep.Message.Code);
        Assert.Equal(
            "A tree of runs may have 100 levels below its root, and the parent is on the last one. Nothing was created.",
            tooDeep.Message.Detail);
        Assert.Null(await _harness.Find("run_1"));
    }

    [Fact]
    public async Task A_child_of_an_active_run_requests_a_second_check_of_its_ancestors()
    {
        await _harness.Send(Create() with { RunId = "run_parent" });
        _harness.Script.ClearCalls();

        await _harness.Send(Create() with { ParentRunId = "run_parent" });

        var run = (Run)_harness.Script.LastArguments[nameof(IRunStore.TryInsert)][0]!;
        Assert.Equal(1, run.Depth);
        Assert.Contains(run.Outbox, message => message.Body.Text == """{"Tenant":"dev","RunId":"run_1","ParentRunId":"run_parent"}""");
        Assert.DoesNotContain(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
    }

    [Fact]
    public async Task A_duplicate_does_not_read_its_parent_again()
    {
        await _harness.Send(Create() with { RunId = "run_parent" });
        await _harness.Send(Create() with { ParentRunId = "run_parent" });
        await _harness.Send(new CancelRun { Tenant = "dev", RunId = "run_parent" });

        Assert.False((await _harness.Send(Create() with { ParentRunId = "run_parent" })).Changed);
    }

    [Fact]
    public async Task Replaced_runs_are_written_over_the_version_that_was_read()
    {
        await _harness.Send(Create());

        await _harness.Send(Start());

        Assert.Equal(new RunVersion(1, 0), _harness.Script.LastArguments[nameof(IRunStore.TryReplace)][1]);
    }

    private static CreateRun Create() => new()
    {
        Tenant = "dev",
        RunId = "run_1",
        Kind = RunKinds.Task,
        Owner = new Owner { Kind = OwnerKinds.Project, Id = RunsApplication.Project },
        Request = new RawJson("""{"target":"task:t"}"""),
    };

    private static StartRun Start() => new() { Tenant = "dev", RunId = "run_1" };

    private int Replaces() => _harness.Script.Calls.Count(call => call == nameof(IRunStore.TryReplace));

    private async Task<RunSnapshot> SendWhileTimePasses<T>(T command)
        where T : class
    {
        var reply = _harness.Send(command);
        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(reply.IsCompleted);
        });
        return await reply;
    }

    private async Task Insert(string runId, string? parent, Action<Run> change)
    {
        var run = TestRuns.Create();
        var inserted = new Run
        {
            Id = RunIds.ForRun("dev", runId),
            Tenant = "dev",
            RunId = runId,
            Kind = RunKinds.Task,
            Status = RunStatuses.Running,
            Version = 1,
            Owner = run.Owner,
            ParentRunId = parent,
            RootRunId = parent ?? runId,
            CreatedAt = TestRuns.Noon,
            UpdatedAt = TestRuns.Noon,
            Request = new RawJson("{}"),
        };
        change(inserted);
        Assert.True(await _harness.Store.TryInsert(inserted, default));
    }
}
