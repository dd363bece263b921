using MassTransit;
using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that set the reply to the sender. The repository sends it after the
/// run was saved. A rejection does not change the run.
/// </summary>
internal static class RunReplyActivities
{
    /// <summary>Replies with the run, and reports that this command changed it.</summary>
    public static EventActivityBinder<RunSaga, T> ReplyChanged<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => Reply(context, changed: true));

    /// <summary>Replies with the run, and reports that this command changed nothing.</summary>
    public static EventActivityBinder<RunSaga, T> ReplyUnchanged<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Then(context => Reply(context, changed: false));

    /// <summary>
    /// Replies with the run. Only a redelivery of the command that ended the run gets a reply that reports a change.
    /// </summary>
    public static EventActivityBinder<RunSaga, T> ReplyWithOutcome<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Then(context =>
            Reply(context, changed: context.MessageContext().MessageId is { } id && context.Saga.Run.FinishedByMessageId == id));

    /// <summary>Replies with the run and with what its worker needs.</summary>
    public static EventActivityBinder<RunSaga, ClaimRun> ReplyWithClaim(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder.Then(context => context.MessageContext().Reply = RunMessages.CreateClaimSnapshot(context.Saga.Run));

    /// <summary>Marks the command as handled. Its sender expects no reply.</summary>
    public static EventActivityBinder<RunSaga, CancelRun> WithoutReply(this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context => context.MessageContext().NeedsNoReply = true);

    public static EventActivityBinder<RunSaga, CreateRun> RejectExpired(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.Expired, "The command came after its deadline. Nothing was created.");

    public static EventActivityBinder<RunSaga, ClaimRun> RejectExpired(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder.Reject(RejectionCodes.Expired, "The command came after its deadline. The run was not claimed.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectParentNotFound(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.ParentNotFound, "parent_run_id names no run that you can see. Nothing was created.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectCancelledAncestor(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.ParentCancelled, "The parent, or a run above it, was cancelled. Nothing was created.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectTooDeep(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.MessageContext().Reject(
            RejectionCodes.TreeTooDeep,
            $"A tree of runs may have {context.MessageContext().MaxTreeDepth} levels below its root, and the parent is on the last one. "
            + "Nothing was created."));

    public static EventActivityBinder<RunSaga, CreateRun> RejectIdConflict(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Reject(RejectionCodes.RunIdTaken, "This run id belongs to a run of another kind or owner.");

    public static EventActivityBinder<RunSaga, CreateRun> RejectRequestMismatch(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context => context.MessageContext().Reject(
            RejectionCodes.RequestDiffers,
            "A run with this id exists with a different request.",
            CreateRunDecision.FindDifferences(context.Saga.Run, context.Message)));

    public static EventActivityBinder<RunSaga, ClaimRun> RejectNotClaimable(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder.Reject(
            RejectionCodes.RunNotClaimable,
            "The run cannot be claimed: it was started or claimed, it waits, its time is in the future, or it is in another pool.");

    public static EventActivityBinder<RunSaga, T> RejectAttemptLost<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Then(context => context.MessageContext().Reject(
            RejectionCodes.AttemptLost, AttemptErrors.DescribeLost(context.Saga.Run.Attempt)));

    public static EventActivityBinder<RunSaga, T> RejectAttemptRequired<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Reject(RejectionCodes.AttemptRequired, AttemptErrors.Required);

    public static EventActivityBinder<RunSaga, WaitRun> RejectNotRunning(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Reject(RejectionCodes.RunNotRunning, "The run waits for something else, or no worker executes it.");

    public static EventActivityBinder<RunSaga, WaitRun> RejectTooManyInputRequests(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.Reject(RejectionCodes.TooManyInputRequests, "The run has the maximum number of input requests.");

    public static EventActivityBinder<RunSaga, T> RejectNotFound<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Then(context => context.MessageContext().Reply = RunMessages.CreateNotFound(context.MessageContext().Reference));

    public static EventActivityBinder<RunSaga, T> RejectFinished<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.Reject(RejectionCodes.RunNotActive, "The run has ended.");

    public static EventActivityBinder<RunSaga, ResumeRun> RejectToolResult(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Then(context =>
        {
            var messageContext = context.MessageContext();
            if (messageContext.OutcomeOf(context.Message, context.Saga.Run) == ResumeRunOutcome.NotAwaited)
            {
                messageContext.Reject(RejectionCodes.ToolResultNotWaiting, "The run does not wait for this tool call.");
            }
            else
            {
                messageContext.Reject(RejectionCodes.ToolResultConflict, "This tool call was already answered with another result.");
            }
        });

    private static void Reply<T>(BehaviorContext<RunSaga, T> context, bool changed)
        where T : class => context.MessageContext().Reply = RunMessages.CreateSnapshot(context.Saga.Run, changed);

    private static EventActivityBinder<RunSaga, T> Reject<T>(this EventActivityBinder<RunSaga, T> binder, string code, string detail)
        where T : class => binder.Then(context => context.MessageContext().Reject(code, detail));
}
