using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that change the run. Each does what its name says and nothing else.
/// The messages are in <see cref="RunOutboxActivities"/>, the replies in <see cref="RunReplyActivities"/>.
/// </summary>
internal static class RunActivities
{
    private const int MaxRememberedMessageIds = 32;
    private const int MaxToolResults = 1000;

    // A worker that rejects a run would otherwise get it again at once.
    private static readonly TimeSpan DelayAfterRejection = TimeSpan.FromSeconds(10);

    public static EventActivityBinder<RunSaga, CreateRun> RecordRequest(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.Saga.RunOrNull = RunFactory.Create(context.Saga, context.Message, context.MessageContext()));

    public static EventActivityBinder<RunSaga, CreateRun> RecordInput(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            var request = messageContext.Request!;
            run.Input = request.Input;
            run.Priority = request.Priority ?? run.Priority;
            run.TimeoutSeconds = request.TimeoutSeconds ?? run.TimeoutSeconds;
            run.BackoffLimit = request.BackoffLimit ?? run.BackoffLimit;
            run.StartAfter = RunFactory.GetStartAfter(request, messageContext.Now) ?? run.StartAfter;
            run.StartBefore = RunFactory.GetStartBefore(request, run.StartAfter, messageContext.Now);
            run.RequestBytes += Encoding.UTF8.GetByteCount(command.Request.Text);
            run.AcceptedRequests.Add(RunFactory.CreateAcceptedRequest(command, messageContext));
        });

    /// <summary>From now on, a worker may claim the run.</summary>
    public static EventActivityBinder<RunSaga, T> MakeReady<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) => RunAttempts.MakeReady(run, messageContext.Now));

    public static EventActivityBinder<RunSaga, T> RecordStart<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            RecordFirstStart(run, messageContext.Now);
            RunAttempts.Begin(run, messageContext.Now);
        });

    public static EventActivityBinder<RunSaga, ClaimRun> RecordClaim(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder.Update((run, claim, messageContext) =>
        {
            RecordFirstStart(run, messageContext.Now);
            RunAttempts.Begin(run, claim, messageContext);
        });

    public static EventActivityBinder<RunSaga, ReleaseRun> RecordRelease(this EventActivityBinder<RunSaga, ReleaseRun> binder) =>
        binder.Update((run, release, messageContext) =>
        {
            var readyAt = messageContext.Now + (release.Reason == ReleaseReasons.Rejected ? DelayAfterRejection : TimeSpan.Zero);
            RunAttempts.End(run, AttemptOutcomes.Released, messageContext.Now);
            if (run.Status == RunStatuses.Running)
            {
                RunAttempts.MakeReady(run, readyAt, messageContext.Now);
            }
        });

    /// <summary>The attempt ends, and the run keeps waiting.</summary>
    public static EventActivityBinder<RunSaga, T> RecordSuspension<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) => RunAttempts.End(run, AttemptOutcomes.Suspended, messageContext.Now));

    public static EventActivityBinder<RunSaga, CompleteRun> RecordFailedAttempt(this EventActivityBinder<RunSaga, CompleteRun> binder) =>
        binder.Update((run, command, messageContext) => Retry(run, AttemptFailure.FromReport(run, command), messageContext));

    public static EventActivityBinder<RunSaga, ReleaseRun> RecordFailedAttempt(this EventActivityBinder<RunSaga, ReleaseRun> binder) =>
        binder.Update((run, _, messageContext) =>
            Retry(run, AttemptFailure.FromReleases(run, messageContext.Execution), messageContext));

    public static EventActivityBinder<RunSaga, RunDue> RecordLostAttempt(this EventActivityBinder<RunSaga, RunDue> binder) =>
        binder.Update((run, _, messageContext) =>
            Retry(run, AttemptFailure.FromLostLease(run, messageContext.Execution), messageContext));

    public static EventActivityBinder<RunSaga, ReleaseRun> RecordFailure(this EventActivityBinder<RunSaga, ReleaseRun> binder) =>
        binder.Update((run, _, messageContext) =>
            Fail(run, AttemptFailure.FromReleases(run, messageContext.Execution), messageContext));

    public static EventActivityBinder<RunSaga, RunDue> RecordFailure(this EventActivityBinder<RunSaga, RunDue> binder) =>
        binder.Update((run, _, messageContext) =>
            Fail(run, AttemptFailure.FromLostLease(run, messageContext.Execution), messageContext));

    public static EventActivityBinder<RunSaga, WaitRun> RecordWait(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            run.WaitingReason = command.Reason;
            run.WaitingToolCallId = command.ToolCallId;
            run.WaitingToolName = command.ToolName;
            RememberMessage(run, messageContext.MessageId);
            if (command.InputRequest is { } form)
            {
                run.InputRequests.Add(RunFactory.CreateInputRequest(run, command, form, messageContext.Now));
            }

            run.TimeoutAt = null; // a wait does not consume the time limit
            run.WaitExpiresAt = command.ExpiresAt is { } expiry ? expiry.TruncateToMilliseconds() : null;
        });

    public static EventActivityBinder<RunSaga, ResumeRun> RecordResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            if (command.ToolCallId is not null)
            {
                run.ToolResults.Add(ResumeRunDecision.CreateToolResult(command));
                run.ToolResults.KeepLatest(MaxToolResults);
                ResumeRunDecision.KeepLatestValues(run.ToolResults);
            }

            var status = command.IsError ? InputRequestStatuses.Cancelled : InputRequestStatuses.Submitted;
            CloseOpenInputRequest(run, messageContext.Now, status, command);
            ClearWait(run);
            RememberMessage(run, messageContext.MessageId);
            run.TimeoutAt = RunTimers.GetTimeout(run, messageContext.Now); // the time limit applies to each running period
        });

    public static EventActivityBinder<RunSaga, CompleteRun> RecordOutcome(this EventActivityBinder<RunSaga, CompleteRun> binder) =>
        binder.Update((run, outcome, messageContext) =>
        {
            run.Error = outcome.Status == RunStatuses.Failed ? RunFactory.CreateError(outcome) : null;
            Finish(run, outcome.Status, messageContext);
            run.Metadata = outcome.Metadata;
            run.Output = outcome.Output;
            run.Logs = outcome.Logs;
            run.Artifacts = outcome.Artifacts;
            run.DurationMs = outcome.DurationMs ?? run.DurationMs;
            run.ExitCode = outcome.ExitCode ?? GetExitCode(run, outcome.Status);
        });

    public static EventActivityBinder<RunSaga, T> RecordCancellation<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            Finish(run, AttemptOutcomes.Cancelled, messageContext);
            run.ExitCode = GetExitCode(run, RunStatuses.Cancelled);
        });

    public static EventActivityBinder<RunSaga, RunDue> RecordTimeout(this EventActivityBinder<RunSaga, RunDue> binder) =>
        binder.Update((run, _, messageContext) =>
        {
            CloseOpenInputRequest(run, messageContext.Now, InputRequestStatuses.Expired);
            run.Error = RunFactory.CreateTimeoutError(run);
            Finish(run, AttemptOutcomes.Failed, messageContext);
            run.ExitCode = GetExitCode(run, RunStatuses.Failed);
        });

    public static EventActivityBinder<RunSaga, CancelRun> RecordPendingCancellation(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context =>
        {
            context.Saga.RunOrNull = RunFactory.CreateCancellationPending(context.Saga.CorrelationId, context.MessageContext());
            context.MessageContext().HasChanges = true;
        });

    // Claims of later attempts do not restart the time limit.
    private static void RecordFirstStart(Run run, DateTimeOffset now)
    {
        if (run.StartedAt is null)
        {
            (run.StartedAt, run.TimeoutAt) = (now, RunTimers.GetTimeout(run, now));
        }
    }

    // Only for a failure after which another attempt follows.
    private static void Retry(Run run, AttemptFailure failure, RunMessageContext messageContext)
    {
        var now = messageContext.Now;
        var readyAt = failure.GetRetryTime(run, messageContext)!.Value;
        RunAttempts.End(run, failure.Outcome, now, failure.Error, readyAt > now ? readyAt : null);
        RunAttempts.MakeReady(run, readyAt, now);
        if (run.Status == RunStatuses.Waiting)
        {
            CloseOpenInputRequest(run, now, InputRequestStatuses.Cancelled);
            ClearWait(run);
            run.TimeoutAt = RunTimers.GetTimeout(run, now);
        }
    }

    private static void Fail(Run run, AttemptFailure failure, RunMessageContext messageContext)
    {
        run.Error = failure.Error;
        Finish(run, failure.Outcome, messageContext);
        run.ExitCode = GetExitCode(run, RunStatuses.Failed);
    }

    private static void Finish(Run run, string attemptOutcome, RunMessageContext messageContext)
    {
        RunAttempts.End(run, attemptOutcome, messageContext.Now, run.Error);
        CloseOpenInputRequest(run, messageContext.Now, InputRequestStatuses.Cancelled);
        ClearWait(run);
        run.CompletedAt = messageContext.Now;
        run.DurationMs = run.StartedAt is { } started ? (long)(messageContext.Now - started).TotalMilliseconds : null;
        run.FinishedByMessageId = messageContext.MessageId;
        run.TimeoutAt = null;
    }

    private static void CloseOpenInputRequest(Run run, DateTimeOffset now, string status, ResumeRun? command = null)
    {
        if (run.InputRequests.Find(request => request.Status == InputRequestStatuses.Open) is { } inputRequest)
        {
            inputRequest.Status = status;
            inputRequest.ClosedAt = now;
            inputRequest.ActorType = command?.Responder?.ActorType;
            inputRequest.ActorId = command?.Responder?.ActorId;
            inputRequest.Values = command is { IsError: false, Responder: not null } ? command.Result : null;
        }
    }

    private static void ClearWait(Run run)
    {
        run.WaitingReason = run.WaitingToolCallId = run.WaitingToolName = null;
        run.WaitExpiresAt = null;
    }

    // A redelivery arrives soon or after only a few other messages, so the list can be short.
    private static void RememberMessage(Run run, Guid? messageId)
    {
        if (messageId is { } id)
        {
            run.ProcessedWaitMessageIds.Add(id);
            run.ProcessedWaitMessageIds.KeepLatest(MaxRememberedMessageIds);
        }
    }

    // The convention of process workers: 0 for success, 1 for anything else; agents have no process.
    private static int? GetExitCode(Run run, string outcome) =>
        run.Kind == RunKinds.Agent ? null : outcome == RunStatuses.Completed ? 0 : 1;

    private static EventActivityBinder<RunSaga, T> Update<T>(
        this EventActivityBinder<RunSaga, T> binder, Action<Run, T, RunMessageContext> change)
        where T : class =>
        binder.Then(context =>
        {
            change(context.Saga.Run, context.Message, context.MessageContext());
            context.Saga.Run.UpdatedAt = context.MessageContext().Now;
            context.MessageContext().HasChanges = true;
        });
}
