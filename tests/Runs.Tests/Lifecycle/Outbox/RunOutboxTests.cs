using System.Text.Json;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>The messages that each command adds to the outbox of its run.</summary>
public sealed class RunOutboxTests
{
    private static readonly DateTimeOffset Now = TestRuns.Noon.AddHours(1);

    [Fact]
    public async Task A_reservation_publishes_RunReserved()
    {
        await using var saga = new SagaMediator();

        await saga.Request(Create(RunKinds.Agent));

        var run = saga.Written;
        Assert.Equal(
            new RunReserved
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Agent,
                Owner = run.Owner,
                Target = "agent:writer",
                RootRunId = "run_1",
                OccurredAt = Now,
            },
            Read<RunReserved>(run));
        Assert.Single(run.Outbox);
        Assert.Same(run, Assert.Single(saga.Enqueued));
    }

    [Fact]
    public async Task An_accepted_run_publishes_RunAccepted()
    {
        var command = Create(RunKinds.Agent, """{"agent_id":"writer","input":{},"implementation_kind":"i","worker_key":"w"}""") with
        {
            ConversationMode = ConversationModes.CreateNew,
        };
        await using var saga = new SagaMediator();

        await saga.Request(command);

        var run = saga.Written;
        Assert.Equal(
            new RunAccepted
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Agent,
                Owner = run.Owner,
                Target = "agent:writer",
                RootRunId = "run_1",
                ConversationId = run.ConversationId,
                MessageId = run.MessageId,
                ImplementationKind = "i",
                WorkerKey = "w",
                Status = RunStatuses.Pending,
                OccurredAt = Now,
            },
            Read<RunAccepted>(run));
        Assert.NotNull(run.ConversationId);
    }

    [Fact]
    public async Task A_run_that_its_creator_executes_publishes_RunAccepted_and_RunStarted()
    {
        await using var saga = new SagaMediator();

        await saga.Request(Create(RunKinds.Agent, """{"agent_id":"writer","initial_status":"running"}"""));

        Assert.Equal([nameof(RunAccepted), nameof(RunStarted)], saga.Written.Outbox.Select(message => message.Type));
        Assert.Equal(RunStatuses.Running, Read<RunAccepted>(saga.Written).Status);
        Assert.Equal(2, saga.Written.Outbox.Select(message => message.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task A_start_publishes_RunStarted()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Pending));

        await saga.Request(Start());

        Assert.Equal(
            new RunStarted
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Task,
                Owner = saga.Written.Owner,
                Attempt = 1,
                OccurredAt = Now,
            },
            Read<RunStarted>(saga.Written));
    }

    [Fact]
    public async Task A_wait_publishes_RunWaiting()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));

        await saga.Request(Wait() with { ToolName = "hammer", ExpiresAt = Now.AddMinutes(1) });

        Assert.Equal(
            new RunWaiting
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Task,
                Owner = saga.Written.Owner,
                Reason = WaitingReasons.Tool,
                ToolCallId = "call_1",
                ToolName = "hammer",
                ExpiresAt = Now.AddMinutes(1),
                OccurredAt = Now,
            },
            Read<RunWaiting>(saga.Written));
    }

    [Fact]
    public async Task A_result_publishes_RunResumed()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Waiting));

        await saga.Request(Resume() with { IsError = true });

        Assert.Equal(
            new RunResumed
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Task,
                Owner = saga.Written.Owner,
                ToolCallId = "call_1",
                Result = new RawJson("1"),
                IsError = true,
                OccurredAt = Now,
            },
            Read<RunResumed>(saga.Written));
    }

    [Fact]
    public async Task A_failure_publishes_RunFinished_with_its_error()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));

        await saga.Request(Complete(RunStatuses.Failed));

        Assert.Equal(
            new RunFinished
            {
                Tenant = "acme",
                RunId = "run_1",
                Kind = RunKinds.Task,
                Owner = saga.Written.Owner,
                Status = RunStatuses.Failed,
                Error = saga.Written.Error,
                Attempt = 0,
                OccurredAt = Now,
            },
            Read<RunFinished>(saga.Written));
        Assert.Single(saga.Written.Outbox);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_run_requests_the_cancellation_of_its_descendants(bool isOutcome)
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));

        await (isOutcome ? saga.Request(Complete(RunStatuses.Cancelled)) : saga.Request(Cancel()));

        Assert.Equal([nameof(RunFinished), nameof(CancelDescendants)], saga.Written.Outbox.Select(message => message.Type));
        Assert.Equal(new CancelDescendants("acme", "run_1"), Read<CancelDescendants>(saga.Written));
    }

    [Fact]
    public async Task A_run_that_a_cascade_cancels_requests_no_cascade_of_its_own()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running), isCascaded: true);

        await saga.Send(Cancel());

        Assert.Equal([nameof(RunFinished)], saga.Written.Outbox.Select(message => message.Type));
    }

    [Fact]
    public void A_message_id_depends_on_the_run_its_version_the_position_and_the_type()
    {
        var run = StoredRun(RunStatuses.Running);
        var messageContext = new RunMessageContext { Reference = new RunReference("acme", "run_1"), Now = Now };

        messageContext.AddToOutbox(run, new CancelDescendants("acme", "run_1"));
        messageContext.AddToOutbox(run, new CancelDescendants("acme", "run_1"));

        Assert.True(messageContext.HasChanges);
        Assert.Equal(
            [RunIds.Derive(RunId, "2/0/CancelDescendants"), RunIds.Derive(RunId, "2/1/CancelDescendants")],
            run.Outbox.Select(message => message.MessageId));
        Assert.All(run.Outbox, message => Assert.Equal("""{"Tenant":"acme","RunId":"run_1"}""", message.Body.Text));
        Assert.All(run.Outbox, message => Assert.IsType<CancelDescendants>(message.Message));
    }

    private static T Read<T>(Run run) =>
        JsonSerializer.Deserialize<T>(run.Outbox.Single(message => message.Type == typeof(T).Name).Body.Text)!;
}
