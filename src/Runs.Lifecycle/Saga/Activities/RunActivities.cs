using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that change the run. Each does what its name says and nothing else.
/// Those of attempts are in <see cref="RunAttemptActivities"/>, the messages in <see cref="RunOutboxActivities"/>, the
/// replies in <see cref="RunReplyActivities"/>.
/// </summary>
internal static class RunActivities
{
    private const int MaxRememberedMessageIds = 32;

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
            run.StartWithinSeconds = request.StartWithinSeconds ?? run.StartWithinSeconds;
            run.StartBefore = RunFactory.GetStartBefore(run.StartWithinSeconds, run.StartAfter, messageContext.Now);
            run.RequestBytes += Encoding.UTF8.GetByteCount(command.Request.Text);
            run.AcceptedRequests.Add(RunFactory.CreateAcceptedRequest(command, messageContext));
        });

    public static EventActivityBinder<RunSaga, T> RecordStart<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            RecordFirstStart(run, messageContext.Now);
            RunAttempts.Begin(run, messageContext.Now);
        });

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
            run.WaitExpiresAt = command.ExpiresAt?.TruncateToMilliseconds();
        });

    public static EventActivityBinder<RunSaga, ResumeRun> RecordResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Update((run, command, messageContext) =>
        {
            ToolResults.Add(run, command);
            var status = command.IsError ? InputRequestStatuses.Cancelled : InputRequestStatuses.Submitted;
            CloseOpenInputRequest(run, messageContext.Now, status, command);
            ClearWait(run);
            RememberMessage(run, messageContext.MessageId);
            run.TimeoutAt = RunTimers.GetTimeout(run, messageContext.Now); // the time limit applies to each running period
        });

    /// <summary>Ends a wait whose result does not arrive: the next running period begins.</summary>
    public static EventActivityBinder<RunSaga, T> EndWait<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) =>
        {
            CloseOpenInputRequest(run, messageContext.Now, InputRequestStatuses.Cancelled);
            ClearWait(run);
            run.TimeoutAt = RunTimers.GetTimeout(run, messageContext.Now);
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

    /// <summary>
    /// Records the start of the run. The claims of later attempts do not change it, nor the time limit.
    /// </summary>
    internal static void RecordFirstStart(Run run, DateTimeOffset now)
    {
        if (run.StartedAt is null)
        {
            (run.StartedAt, run.TimeoutAt) = (now, RunTimers.GetTimeout(run, now));
        }
    }

    /// <summary>Records the end of the run, of its wait and of its attempt.</summary>
    internal static void Finish(Run run, string attemptOutcome, RunMessageContext messageContext)
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
    internal static void RememberMessage(Run run, Guid? messageId)
    {
        if (messageId is { } id)
        {
            run.ProcessedWaitMessageIds.Add(id);
            run.ProcessedWaitMessageIds.KeepLatest(MaxRememberedMessageIds);
        }
    }

    // The convention of process workers: 0 for success, 1 for anything else; agents have no process.
    internal static int? GetExitCode(Run run, string outcome) =>
        run.Kind == RunKinds.Agent ? null : outcome == RunStatuses.Completed ? 0 : 1;

    /// <summary>Changes the run.</summary>
    internal static EventActivityBinder<RunSaga, T> Update<T>(
        this EventActivityBinder<RunSaga, T> binder, Action<Run, T, RunMessageContext> change)
        where T : class =>
        binder.Then(context =>
        {
            change(context.Saga.Run, context.Message, context.MessageContext());
            context.Saga.Run.UpdatedAt = context.MessageContext().Now;
            context.MessageContext().HasChanges = true;
        });
}
