using MassTransit;
using Runs.Contracts;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The saga on MassTransit's saga test harness (https://masstransit.io/documentation/concepts/testing). What each
/// command does in each state is in <see cref="StateTableTests"/>.
/// </summary>
public sealed class RunSagaHarnessTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task A_create_adds_a_saga_in_the_state_Pending_and_publishes_RunAccepted()
    {
        var reply = await _harness.Send(Create());

        Assert.True(reply.Changed);
        Assert.True(await _harness.Saga.Consumed.Any<CreateRun>());
        Assert.True(await _harness.Saga.Created.Any(saga => saga.CorrelationId == RunId));
        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Pending));
        Assert.True(await _harness.Bus.Published.Any<RunAccepted>());
    }

    [Fact]
    public async Task A_duplicate_create_changes_nothing_and_gets_the_run()
    {
        await _harness.Send(Create());

        var duplicate = await _harness.Send(Create());

        Assert.False(duplicate.Changed);
        Assert.Equal("run_1", duplicate.Run.RunId);
        Assert.Equal(1, (await _harness.Find("run_1"))!.Version);
    }

    [Fact]
    public async Task A_redelivered_create_gets_the_reply_of_the_first_delivery()
    {
        var messageId = NewId.NextGuid();
        await _harness.Send(Create(), messageId);

        Assert.True((await _harness.Send(Create(), messageId)).Changed);
    }

    [Fact]
    public async Task A_run_waits_resumes_and_completes()
    {
        await _harness.Send(Create());
        await _harness.Send(Start());
        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Running));

        await _harness.Send(Wait());
        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Waiting));

        await _harness.Send(Resume());
        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Running));

        await _harness.Send(Complete());
        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Completed));
        Assert.True(await _harness.Bus.Published.Any<RunFinished>(published => published.Context.Message.Status == RunStatuses.Completed));
    }

    [Fact]
    public async Task A_cancelled_run_is_not_finalized()
    {
        await _harness.Send(Create());

        await _harness.Send(Cancel());

        Assert.Equal(RunId, await _harness.Saga.Exists(RunId, machine => machine.Cancelled));
        Assert.False((await _harness.Send(Create())).Changed);
    }

    [Fact]
    public async Task A_command_for_an_unknown_run_is_rejected_and_adds_no_saga()
    {
        Assert.Equal(RejectionCodes.RunNotFound, await _harness.SendRejected(Start()));

        Assert.Null(await _harness.Find("run_1"));
    }
}
