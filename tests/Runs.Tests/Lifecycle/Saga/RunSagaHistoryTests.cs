using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The saga repository: the change history, the time of a change, and the parents of a run.</summary>
public sealed class RunSagaHistoryTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

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

        await _harness.Send(Complete());

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
        var client = _harness.Bus.Bus.CreateRequestClient<CreateRun>(new Uri($"queue:{ApiCommandQueue.Name}"));

        await client.GetResponse<RunSnapshot>(Create());

        Assert.Equal(RunChanges.ViaHttp, (await _harness.Find("run_1"))!.Changes[0].Via);
    }

    [Fact]
    public async Task A_run_keeps_its_latest_changes()
    {
        await _harness.Send(Create());
        for (var wait = 0; wait < 12; wait++)
        {
            await _harness.Send(Wait(null, WaitingReasons.Approval));
            await _harness.Send(Resume(null));
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
        Assert.Contains(run.Outbox, message => message.Body.Text == """{"Tenant":"acme","RunId":"run_1","ParentRunId":"run_parent"}""");
        Assert.DoesNotContain(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
    }

    [Fact]
    public async Task A_duplicate_does_not_read_its_parent_again()
    {
        await _harness.Send(Create() with { RunId = "run_parent" });
        await _harness.Send(Create() with { ParentRunId = "run_parent" });
        await _harness.Send(Cancel() with { RunId = "run_parent" });

        Assert.False((await _harness.Send(Create() with { ParentRunId = "run_parent" })).Changed);
    }

    private async Task Insert(string runId, string? parent, Action<Run> change)
    {
        var run = new Run
        {
            Id = RunIds.ForRun("acme", runId),
            Tenant = "acme",
            RunId = runId,
            Kind = RunKinds.Task,
            Status = RunStatuses.Running,
            Version = 1,
            Owner = Create().Owner,
            ParentRunId = parent,
            RootRunId = parent ?? runId,
            CreatedAt = TestRuns.Noon,
            UpdatedAt = TestRuns.Noon,
            Request = new RawJson("{}"),
        };
        change(run);
        Assert.True(await _harness.Store.TryInsert(run, default));
    }
}
