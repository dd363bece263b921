using MassTransit;
using MassTransit.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The saga on MassTransit's saga test harness (https://masstransit.io/documentation/concepts/testing). What each
/// command does in each state is in <see cref="StateTableTests"/>.
/// </summary>
public sealed class RunSagaHarnessTests : IAsyncLifetime
{
    private static readonly Guid SagaId = RunIds.ForRun("dev", "run_1");

    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task A_create_adds_a_saga_in_the_state_Pending_and_publishes_RunAccepted()
    {
        var reply = await _harness.Send(Create());

        Assert.True(reply.Changed);
        Assert.True(await _harness.Saga.Consumed.Any<CreateRun>());
        Assert.True(await _harness.Saga.Created.Any(saga => saga.CorrelationId == SagaId));
        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Pending));
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
        await _harness.Send(new StartRun { Tenant = "dev", RunId = "run_1" });
        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Running));

        await _harness.Send(new WaitRun { Tenant = "dev", RunId = "run_1", Reason = WaitingReasons.Tool, ToolCallId = "call_1" });
        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Waiting));

        await _harness.Send(new ResumeRun { Tenant = "dev", RunId = "run_1", ToolCallId = "call_1", Result = new RawJson("1") });
        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Running));

        await _harness.Send(new CompleteRun { Tenant = "dev", RunId = "run_1", Status = RunStatuses.Completed });
        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Completed));
        Assert.True(await _harness.Bus.Published.Any<RunFinished>(published => published.Context.Message.Status == RunStatuses.Completed));
    }

    [Fact]
    public async Task A_cancelled_run_is_not_finalized()
    {
        await _harness.Send(Create());

        await _harness.Send(new CancelRun { Tenant = "dev", RunId = "run_1" });

        Assert.Equal(SagaId, await _harness.Saga.Exists(SagaId, machine => machine.Cancelled));
        Assert.False((await _harness.Send(Create())).Changed);
    }

    [Fact]
    public async Task A_command_for_an_unknown_run_is_rejected_and_adds_no_saga()
    {
        Assert.Equal(RejectionCodes.RunNotFound, await _harness.SendRejected(new StartRun { Tenant = "dev", RunId = "run_1" }));

        Assert.Null(await _harness.Find("run_1"));
    }

    private static CreateRun Create() => new()
    {
        Tenant = "dev",
        RunId = "run_1",
        Kind = RunKinds.Task,
        Owner = new Owner { Kind = OwnerKinds.Project, Id = RunsApplication.Project },
        Request = new RawJson("""{"target":"task:t"}"""),
    };
}
