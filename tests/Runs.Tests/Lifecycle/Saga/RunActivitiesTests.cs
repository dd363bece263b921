using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>What each command changes in the run. One hour passes between the last change and the command.</summary>
public sealed class RunActivitiesTests
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");
    private static readonly DateTimeOffset Now = TestRuns.Noon.AddHours(1);

    [Fact]
    public async Task The_input_of_a_reserved_run_is_recorded()
    {
        var reserved = StoredRun(RunStatuses.Pending, RunKinds.Agent);
        (reserved.AgentId, reserved.DueAt, reserved.RequestBytes) = ("writer", Now.AddDays(1), 10);
        await using var saga = new SagaMediator(reserved);
        var command = Create(RunKinds.Agent, """{"agent_id":"writer","input":{"a":1}}""");

        await saga.Request(command, MessageId);

        var run = saga.Written;
        Assert.Equal("""{"a":1}""", run.Input!.Value.Text);
        Assert.Equal(10 + command.Request.Text.Length, run.RequestBytes);
        Assert.Equal(MessageId, run.AcceptedRequests[^1].MessageId);
        Assert.Equal(2, run.AcceptedRequests.Count);
        Assert.Null(run.DueAt);
        Assert.Equal((Now, 2), (run.UpdatedAt, run.Version));
        Assert.Equal([nameof(RunAccepted)], run.Outbox.Select(message => message.Type));
    }

    [Fact]
    public async Task A_start_sets_the_start_time_and_the_deadline()
    {
        var pending = StoredRun(RunStatuses.Pending);
        pending.TimeoutSeconds = 60;
        await using var saga = new SagaMediator(pending);

        await saga.Request(Start());

        Assert.Equal((Now, Now.AddSeconds(60), Now), (saga.Written.StartedAt, saga.Written.DueAt, saga.Written.UpdatedAt));
    }

    [Fact]
    public async Task A_start_without_a_timeout_removes_the_due_time()
    {
        var pending = StoredRun(RunStatuses.Pending);
        pending.DueAt = Now.AddDays(1);
        await using var saga = new SagaMediator(pending);

        await saga.Request(Start());

        Assert.Null(saga.Written.DueAt);
    }

    [Fact]
    public async Task An_outcome_is_recorded()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));
        var outcome = Complete() with
        {
            Metadata = new RawJson("{}"),
            Output = new RawJson("2"),
            Logs = "3",
            Artifacts = new RawJson("[]"),
            DurationMs = 5,
            ExitCode = 6,
            TerminalErrorMessage = "ignored",
        };

        await saga.Request(outcome, MessageId);

        var run = saga.Written;
        Assert.Equal(("{}", "2", "3", "[]"), (run.Metadata!.Value.Text, run.Output!.Value.Text, run.Logs, run.Artifacts!.Value.Text));
        Assert.Equal((5, 6), (run.DurationMs, run.ExitCode));
        Assert.Null(run.Error);
        Assert.Equal((Now, Now), (run.CompletedAt, run.UpdatedAt));
        Assert.Equal(MessageId, run.FinishedByMessageId);
    }

    [Theory]
    [InlineData(RunKinds.Task, RunStatuses.Completed, 0)]
    [InlineData(RunKinds.Task, RunStatuses.Failed, 1)]
    [InlineData(RunKinds.Task, RunStatuses.Cancelled, 1)]
    [InlineData(RunKinds.Agent, RunStatuses.Completed, null)]
    public async Task An_outcome_without_numbers_gets_the_exit_code_of_its_status_and_the_measured_duration(
        string kind, string status, int? exitCode)
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running, kind));

        await saga.Request(Complete(status));

        Assert.Equal(exitCode, saga.Written.ExitCode);
        Assert.Equal(3_600_000, saga.Written.DurationMs);
    }

    [Theory]
    [InlineData("It broke.", "BROKEN", "It broke.", "BROKEN")]
    [InlineData(null, null, "The run failed.", null)]
    [InlineData(" ", " ", "The run failed.", null)]
    public async Task A_failure_has_an_error(string? message, string? code, string expectedMessage, string? expectedCode)
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Running));

        await saga.Request(Complete(RunStatuses.Failed) with { TerminalErrorMessage = message, TerminalErrorCode = code });

        Assert.Equal((expectedMessage, expectedCode), (saga.Written.Error!.Message, saga.Written.Error.Code));
    }

    [Fact]
    public async Task A_cancel_ends_the_wait_its_form_and_its_due_time()
    {
        var waiting = StoredRun(RunStatuses.Waiting);
        waiting.DueAt = Now.AddDays(1);
        waiting.InputRequests.Add(OpenForm());
        await using var saga = new SagaMediator(waiting);

        await saga.Request(Cancel(), MessageId);

        var run = saga.Written;
        Assert.Equal((null, null, null), (run.WaitingReason, run.WaitingToolCallId, run.DueAt));
        var form = run.InputRequests[0];
        Assert.Equal((InputRequestStatuses.Cancelled, Now), (form.Status, form.ClosedAt));
        Assert.Equal((null, null, null), (form.ActorType, form.ActorId, form.Values));
        Assert.Equal((1, 3_600_000, Now), (run.ExitCode, run.DurationMs, run.CompletedAt));
        Assert.Equal(MessageId, run.FinishedByMessageId);
    }

    [Fact]
    public async Task A_run_that_was_not_started_has_no_duration()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Pending));

        await saga.Request(Cancel());

        Assert.Null(saga.Written.DurationMs);
    }

    [Theory]
    [InlineData(RunStatuses.Pending, "START_EXPIRED", "No worker began to execute the run in time.")]
    [InlineData(RunStatuses.Running, "TIMEOUT", "The run took longer than its 60 seconds.")]
    [InlineData(RunStatuses.Waiting, "WAIT_EXPIRED", "What the run waited for (tool) did not arrive in time.")]
    public async Task A_due_run_fails_with_the_error_of_its_status(string status, string code, string message)
    {
        var due = StoredRun(status);
        (due.TimeoutSeconds, due.DueAt) = (60, Now);
        due.InputRequests.Add(OpenForm());
        await using var saga = new SagaMediator(due);

        await saga.Send(Due());

        var run = saga.Written;
        Assert.Equal((code, message), (run.Error!.Code, run.Error.Message));
        Assert.Equal((1, Now, null), (run.ExitCode, run.CompletedAt, run.DueAt));
        Assert.Equal((InputRequestStatuses.Expired, Now), (run.InputRequests[0].Status, run.InputRequests[0].ClosedAt));
    }

    [Fact]
    public async Task A_run_that_is_not_due_yet_does_not_change()
    {
        var running = StoredRun(RunStatuses.Running);
        running.DueAt = Now.AddMilliseconds(1);
        await using var saga = new SagaMediator(running);

        await saga.Send(Due());

        Assert.Null(saga.Store.Written);
    }

    [Fact]
    public async Task A_cancel_before_its_create_is_stored_and_applied_to_the_create()
    {
        await using var saga = new SagaMediator();

        await saga.Send(Cancel());

        var pending = saga.Written;
        Assert.Equal((RunId, "acme", "run_1", "run_1"), (pending.Id, pending.Tenant, pending.RunId, pending.RootRunId));
        Assert.Equal((Run.CancellationPending, 1), (pending.Status, pending.Version));
        Assert.Equal((Now, Now, "{}"), (pending.CreatedAt, pending.UpdatedAt, pending.Request.Text));
        Assert.Equal(("", "", ""), (pending.Kind, pending.Owner.Kind, pending.Owner.Id));

        var reply = Assert.IsType<RunSnapshot>(await saga.Request(Create()));

        Assert.Equal((RunStatuses.Cancelled, true), (reply.Run.Status, reply.Changed));
        Assert.Equal(["cancel", "create"], saga.Written.Changes.Select(change => change.Action));
        Assert.Equal([nameof(RunFinished)], saga.Written.Outbox.Select(message => message.Type));
    }
}
