using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The activities of <see cref="RunStateMachine"/>. Each does what its name says and nothing else.</summary>
internal static class RunActivities
{
    private const string NotFoundDetail = "No such run.";
    private const int MaxRememberedMessageIds = 32;
    private const int MaxToolResults = 1000;

    public static EventActivityBinder<RunSaga, CreateRun> RecordRequest(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.Saga.RunOrNull = RunFactory.Create(context.Saga, context.Message, context.Decision()));

    public static EventActivityBinder<RunSaga, CreateRun> RecordInput(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Update((run, context) =>
        {
            run.Input = context.Decision().Request!.Input;
            run.RequestBytes += Encoding.UTF8.GetByteCount(context.Message.Request.Text);
            run.AcceptedRequests.Add(new AcceptedRequest(context.Decision().MessageId ?? Guid.Empty, CreateRunDecision.ComputeFingerprint(context.Message)));
            run.DueAt = null;
        });

    public static EventActivityBinder<RunSaga, T> RecordStart<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, context) =>
        {
            run.StartedAt ??= context.Decision().Now;
            run.DueAt = GetDeadline(run, context.Decision().Now);
        });

    public static EventActivityBinder<RunSaga, WaitRun> RecordWait(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Update((run, context) =>
        {
            run.WaitingReason = context.Message.Reason;
            run.WaitingToolCallId = context.Message.ToolCallId;
            run.WaitingToolName = context.Message.ToolName;
            RememberMessage(run, context.Decision().MessageId);
            if (context.Message.InputRequest is { } form)
            {
                run.InputRequests.Add(RunFactory.CreateInputRequest(run, context.Message, form, context.Decision().Now));
            }

            run.DueAt = context.Message.ExpiresAt is { } expiry ? UtcMillisecondsConverter.TruncateToMilliseconds(expiry) : null;
        });

    public static EventActivityBinder<RunSaga, ResumeRun> RecordResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Update((run, context) =>
        {
            if (context.Message.ToolCallId is not null)
            {
                run.ToolResults.Add(ResumeRunDecision.CreateToolResult(context.Message));
                run.ToolResults.RemoveRange(0, Math.Max(0, run.ToolResults.Count - MaxToolResults));
            }

            CloseOpenInputRequest(run, context.Decision().Now, context.Message.IsError ? InputRequestStatuses.Cancelled : InputRequestStatuses.Submitted, context.Message);
            ClearWait(run);
            RememberMessage(run, context.Decision().MessageId);
            run.DueAt = GetDeadline(run, context.Decision().Now); // the timeout applies to each running period; a wait does not consume it
        });

    public static EventActivityBinder<RunSaga, CompleteRun> RecordOutcome(this EventActivityBinder<RunSaga, CompleteRun> binder) =>
        binder.Update((run, context) =>
        {
            var outcome = context.Message;
            Finish(run, context.Decision());
            run.Metadata = outcome.Metadata;
            run.Output = outcome.Output;
            run.Logs = outcome.Logs;
            run.Artifacts = outcome.Artifacts;
            run.DurationMs = outcome.DurationMs ?? run.DurationMs;
            run.ExitCode = outcome.ExitCode ?? GetExitCode(run, outcome.Status);
            run.Error = outcome.Status != RunStatuses.Failed ? null : new RunError
            {
                Message = string.IsNullOrWhiteSpace(outcome.TerminalErrorMessage) ? "The run failed." : outcome.TerminalErrorMessage,
                Code = string.IsNullOrWhiteSpace(outcome.TerminalErrorCode) ? null : outcome.TerminalErrorCode,
            };
        });

    public static EventActivityBinder<RunSaga, T> RecordCancellation<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, context) =>
        {
            Finish(run, context.Decision());
            run.ExitCode = GetExitCode(run, RunStatuses.Cancelled);
        });

    public static EventActivityBinder<RunSaga, RunDue> RecordTimeout(this EventActivityBinder<RunSaga, RunDue> binder) =>
        binder.Update((run, context) =>
        {
            CloseOpenInputRequest(run, context.Decision().Now, InputRequestStatuses.Expired);
            run.Error = run.Status switch
            {
                RunStatuses.Pending => new RunError { Code = "RESERVATION_EXPIRED", Message = "The reserved run was never started." },
                RunStatuses.Waiting => new RunError { Code = "WAIT_EXPIRED", Message = $"What the run waited for ({run.WaitingReason}) did not come in time." },
                _ => new RunError { Code = "TIMEOUT", Message = $"The run took longer than its {run.TimeoutSeconds} seconds." },
            };
            Finish(run, context.Decision());
            run.ExitCode = GetExitCode(run, RunStatuses.Failed);
        });

    public static EventActivityBinder<RunSaga, CancelRun> RecordPendingCancellation(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context =>
        {
            context.Saga.RunOrNull = RunFactory.CreateCancellationPending(context.Saga.CorrelationId, context.Decision());
            context.Decision().HasChanges = true;
        });

    public static EventActivityBinder<RunSaga, CreateRun> PublishRunReserved(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.AddToOutbox(RunMessages.CreateRunReserved);

    public static EventActivityBinder<RunSaga, CreateRun> PublishRunAccepted(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.AddToOutbox(RunMessages.CreateRunAccepted);

    /// <summary>Appends the first event to the run's log and publishes <c>RunStarted</c>.</summary>
    public static EventActivityBinder<RunSaga, T> PublishRunStarted<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder
        .Then(context => RunLogEvents.AppendStartedEvent(context.Saga.Run, context.Decision(), (context.Message as StartRun)?.Event))
        .AddToOutbox(RunMessages.CreateRunStarted);

    public static EventActivityBinder<RunSaga, WaitRun> PublishRunWaiting(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.AddToOutbox((run, now) => RunMessages.CreateRunWaiting(run, now));

    public static EventActivityBinder<RunSaga, ResumeRun> PublishRunResumed(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Then(context => context.Decision().AddToOutbox(context.Saga.Run, RunMessages.CreateRunResumed(context.Saga.Run, context.Message, context.Decision().Now)));

    /// <summary>Appends the last event to the run's log and publishes <c>RunFinished</c>.</summary>
    public static EventActivityBinder<RunSaga, T> PublishRunFinished<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => RunLogEvents.AppendFinishedEvent(context.Saga.Run, context.Decision())).AddToOutbox(RunMessages.CreateRunFinished);

    public static EventActivityBinder<RunSaga, T> RequestDescendantCancellation<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.AddToOutbox((run, _) => new CancelDescendants(run.Tenant, run.RunId));

    /// <summary>
    /// Restarts the cancellation of the descendants: a repeated cancel reaches runs that an earlier release or a lost
    /// step left active.
    /// </summary>
    public static EventActivityBinder<RunSaga, CancelRun> RestartDescendantCancellation(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context => context.Decision().RestartsCascade = true);

    /// <summary>For a child, requests a second check whether a run above it was cancelled in the meantime.</summary>
    public static EventActivityBinder<RunSaga, CreateRun> RequestAncestorCheck(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context =>
        {
            if (context.Saga.Run.ParentRunId is { } parent)
            {
                context.Decision().AddToOutbox(context.Saga.Run, new CheckAncestors(context.Message.Tenant, context.Message.RunId, parent));
            }
        });

    /// <summary>Replies with the run, and reports that this command changed it.</summary>
    public static EventActivityBinder<RunSaga, T> ReplyChanged<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => context.Decision().Reply = RunMessages.CreateSnapshot(context.Saga.Run, changed: true));

    /// <summary>Replies with the run, and reports that this command changed nothing.</summary>
    public static EventActivityBinder<RunSaga, T> ReplyUnchanged<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => context.Decision().Reply = RunMessages.CreateSnapshot(context.Saga.Run, changed: false));

    /// <summary>
    /// Replies with the run. Only a redelivery of the command that ended the run gets a reply that reports a change.
    /// </summary>
    public static EventActivityBinder<RunSaga, T> ReplyWithOutcome<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => context.Decision().Reply =
            RunMessages.CreateSnapshot(context.Saga.Run, changed: context.Decision().MessageId is { } id && context.Saga.Run.FinishedByMessageId == id));

    /// <summary>Marks the command as handled. Its sender expects no reply.</summary>
    public static EventActivityBinder<RunSaga, CancelRun> WithoutReply(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context => context.Decision().NeedsNoReply = true);

    public static EventActivityBinder<RunSaga, CreateRun> RejectExpired(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.Expired, "The command came after its deadline. Nothing was created.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectParentNotFound(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.ParentNotFound, "parent_run_id names no run that you can see. Nothing was created.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectCancelledAncestor(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.ParentCancelled, "The parent, or a run above it, was cancelled. Nothing was created.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectTooDeep(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.Decision().Reject(
            RejectionCodes.TreeTooDeep,
            $"A tree of runs may have {context.Decision().MaxTreeDepth} levels below its root, and the parent is on the last one. Nothing was created."));

    public static EventActivityBinder<RunSaga, CreateRun> RejectIdConflict(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.RunIdTaken, "This run id belongs to a run of another kind or owner.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectRequestMismatch(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.Decision().Reject(
            RejectionCodes.RequestDiffers,
            "A run with this id exists, and its request was another one.",
            CreateRunDecision.FindDifferences(context.Saga.Run, context.Message)));

    public static EventActivityBinder<RunSaga, WaitRun> RejectNotRunning(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Reject(RejectionCodes.RunNotRunning, "The run waits for something else.");

    public static EventActivityBinder<RunSaga, WaitRun> RejectTooManyInputRequests(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Reject(RejectionCodes.TooManyInputRequests, "The run has asked for as much input as one run may.");

    public static EventActivityBinder<RunSaga, T> RejectNotFound<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Reject(RejectionCodes.RunNotFound, NotFoundDetail);

    public static EventActivityBinder<RunSaga, T> RejectFinished<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Reject(RejectionCodes.RunNotActive, "The run has ended.");

    public static EventActivityBinder<RunSaga, ResumeRun> RejectToolResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Then(context =>
        {
            if (context.Decision().OutcomeOf(context.Message, context.Saga.Run) == ResumeRunOutcome.NotAwaited)
            {
                context.Decision().Reject(RejectionCodes.ToolResultNotWaiting, "The run does not wait for this tool call.");
            }
            else
            {
                context.Decision().Reject(RejectionCodes.ToolResultConflict, "This tool call was already answered with another result.");
            }
        });

    /// <summary>Replies that the run does not exist, if the sender expects a reply.</summary>
    public static Task ReplyNotFound<T>(ConsumeContext<T> context)
        where T : class
    {
        var (tenant, runId) = RunReference.FromCommand(context.Message);
        return context.ResponseAddress is null
            ? Task.CompletedTask
            : context.RespondAsync(new RunRejected { Tenant = tenant, RunId = runId, Code = RejectionCodes.RunNotFound, Detail = NotFoundDetail });
    }

    private static void Finish(Run run, RunDecision decision)
    {
        CloseOpenInputRequest(run, decision.Now, InputRequestStatuses.Cancelled);
        ClearWait(run);
        run.CompletedAt = decision.Now;
        run.DurationMs = run.StartedAt is { } started ? (long)(decision.Now - started).TotalMilliseconds : null;
        run.FinishedByMessageId = decision.MessageId;
        run.DueAt = null;
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

    private static void ClearWait(Run run) => run.WaitingReason = run.WaitingToolCallId = run.WaitingToolName = null;

    // A redelivery arrives soon or after only a few other messages, so the list can be short.
    private static void RememberMessage(Run run, Guid? messageId)
    {
        if (messageId is { } id)
        {
            run.ProcessedWaitMessageIds.Add(id);
        }

        run.ProcessedWaitMessageIds.RemoveRange(0, Math.Max(0, run.ProcessedWaitMessageIds.Count - MaxRememberedMessageIds));
    }

    private static DateTimeOffset? GetDeadline(Run run, DateTimeOffset now) =>
        run.TimeoutSeconds is { } seconds ? now.AddSeconds(seconds) : null;

    // The convention of process workers: 0 for success, 1 for anything else; agents have no process.
    private static int? GetExitCode(Run run, string outcome) =>
        run.Kind == RunKinds.Agent ? null : outcome == RunStatuses.Completed ? 0 : 1;

    private static EventActivityBinder<RunSaga, T> Update<T>(
        this EventActivityBinder<RunSaga, T> binder, Action<Run, BehaviorContext<RunSaga, T>> change)
        where T : class =>
        binder.Then(context =>
        {
            change(context.Saga.Run, context);
            context.Saga.Run.UpdatedAt = context.Decision().Now;
            context.Decision().HasChanges = true;
        });

    private static EventActivityBinder<RunSaga, T> AddToOutbox<T>(
        this EventActivityBinder<RunSaga, T> binder, Func<Run, DateTimeOffset, object> createMessage)
        where T : class => binder.Then(context => context.Decision().AddToOutbox(context.Saga.Run, createMessage(context.Saga.Run, context.Decision().Now)));

    private static EventActivityBinder<RunSaga, T> Reject<T>(this EventActivityBinder<RunSaga, T> binder, string code, string detail)
        where T : class => binder.Then(context => context.Decision().Reject(code, detail));
}
