using System.Diagnostics;
using MassTransit;
using MassTransit.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

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
    public async Task A_run_that_a_read_missed_is_read_again_before_a_command_is_rejected()
    {
        await _harness.Send(Create());
        _harness.Script.ReturnNext<Run?>(nameof(IRunStore.Find), null); // the primary was replaced and does not know it yet

        Assert.True((await _harness.Send(Start())).Changed);

        Assert.Contains(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
    }

    [Fact]
    public async Task A_cancellation_that_is_pending_is_read_again_before_a_command_is_rejected_and_not_for_the_create()
    {
        await _harness.Bus.Bus.Publish(Cancel());
        await Eventually.Holds(async () => (await _harness.Find("run_1"))?.Status == Run.CancellationPending);
        _harness.Script.ClearCalls();

        Assert.Equal(RejectionCodes.RunNotFound, await _harness.SendRejected(Start()));
        Assert.Contains(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
        _harness.Script.ClearCalls();
        Assert.Equal(RunStatuses.Cancelled, (await _harness.Send(Create())).Run.Status);
        Assert.DoesNotContain(nameof(IRunStore.FindLinearizable), _harness.Script.Calls);
    }

    /// <summary>
    /// No line of the state machine does that. It would be a defect, which must not look like a lost message.
    /// </summary>
    [Fact]
    public async Task A_command_that_ends_without_a_reply_is_a_fault_and_changes_nothing()
    {
        await _harness.Send(Create());
        var mediator = Bus.Factory.CreateMediator(
            mediator => mediator.StateMachineSaga(new SilentStateMachine(), _harness.CreateSagaRepository()));

        var exception = await Assert.ThrowsAsync<UnreachableException>(() => mediator.Send(Start()));

        Assert.Contains("StartRun was not handled in the state Pending of run run_1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await _harness.Find("run_1"))!.Version);
    }

    [Theory]
    [InlineData("hibernating", null)]
    [InlineData(RunStatuses.Running, "migrating")]
    public async Task A_command_for_a_run_in_a_state_of_a_later_release_is_a_fault_and_changes_nothing(string status, string? phase)
    {
        await _harness.Send(Create());
        var run = (await _harness.Find("run_1"))!.NextVersion(next => (next.Status, next.Phase) = (status, phase));
        Assert.True(await _harness.Store.TryReplace(run, new RunVersion(1, run.LatestEventId), default));
        var mediator = Bus.Factory.CreateMediator(
            mediator => mediator.StateMachineSaga(new RunStateMachine(), _harness.CreateSagaRepository()));

        var exception = await Assert.ThrowsAsync<UnknownRunStateException>(() => mediator.Send(Start()));

        Assert.Contains($"has the state '{phase ?? status}'", exception.Message, StringComparison.Ordinal);
        TestRuns.AssertEqual(run, await _harness.Find("run_1"));
    }

    [Fact]
    public async Task A_command_is_handled_again_after_a_concurrency_conflict()
    {
        await _harness.Send(Create());
        _harness.Script.ClearCalls();
        _harness.Script.ReturnNext(nameof(IRunStore.TryReplace), false);

        Assert.True((await _harness.Send(Start())).Changed);

        Assert.Equal(2, _harness.Script.Calls.Count(call => call == nameof(IRunStore.Find)));
        var run = (await _harness.Find("run_1"))!;
        Assert.Equal((2, RunStatuses.Running), (run.Version, run.Status));
        Assert.Equal(2, run.Changes.Count);
    }

    [Fact]
    public async Task A_write_is_retried_after_repeated_conflicts()
    {
        await _harness.Send(Create());
        for (var conflict = 0; conflict < 3; conflict++)
        {
            _harness.Script.ReturnNext(nameof(IRunStore.TryReplace), false);
        }

        Assert.True((await _harness.Send(Start()).WaitAsync(Eventually.Timeout)).Changed);
        Assert.Equal(4, Replaces());
    }

    [Fact]
    public async Task An_unavailable_store_that_wrote_nothing_is_a_rejection()
    {
        var exception = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), exception);

        Assert.Equal(RejectionCodes.StoreUnavailable, await _harness.SendRejected(Create()));
    }

    [Fact]
    public async Task A_command_is_retried_if_it_may_have_been_written()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Unavailable.", null));

        Assert.True((await SendWhileTimePasses(Create())).Changed);

        // The command may have been stored, so the retry reads first.
        Assert.Contains(nameof(IRunStore.Find), _harness.Script.Calls);
    }

    [Fact]
    public async Task A_command_without_response_address_is_retried_and_gets_no_reply()
    {
        await _harness.Send(Create());
        var exception = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        _harness.Script.FailNext(nameof(IRunStore.TryReplace), exception);

        await _harness.Bus.Bus.Publish(Complete());

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal(RunStatuses.Completed, (await _harness.Find("run_1"))!.Status);
        });
        Assert.True(await _harness.Bus.Consumed.Any<CompleteRun>());
        Assert.Empty(_harness.GetPublished<RunSnapshot>());
        Assert.Empty(_harness.GetPublished<RunRejected>());
    }

    [Fact]
    public async Task A_rejected_command_without_response_address_gets_no_reply()
    {
        await _harness.Bus.Bus.Publish(Start());

        Assert.True(await _harness.Bus.Consumed.Any<StartRun>());
        Assert.Empty(_harness.GetPublished<RunRejected>());
    }

    [Fact]
    public async Task Replaced_runs_are_written_over_the_version_that_was_read()
    {
        await _harness.Send(Create());

        await _harness.Send(Start());

        Assert.Equal(new RunVersion(1, 0), _harness.Script.LastArguments[nameof(IRunStore.TryReplace)][1]);
    }

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

    private sealed class SilentStateMachine : MassTransitStateMachine<RunSaga>
    {
        public SilentStateMachine()
        {
            InstanceState(saga => saga.CurrentState);
            Event(() => StartRun, e => e.CorrelateById(context => RunIds.ForRun(context.Message.Tenant, context.Message.RunId)));
            During(Pending, When(StartRun).Then(_ => { }));
        }

        public Event<StartRun> StartRun { get; private set; } = null!;

        public State Pending { get; private set; } = null!;
    }
}
