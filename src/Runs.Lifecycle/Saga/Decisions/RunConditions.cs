using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The guards of <see cref="RunStateMachine"/>. Each reads the decision on the message and changes nothing. For each
/// command and state, exactly one guard is true; for a <see cref="RunDue"/> that comes too early, none is.
/// </summary>
internal static class RunConditions
{
    public static bool IsExpired(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Expired);
    public static bool IsParentNotFound(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.ParentNotFound);
    public static bool HasCancelledAncestor(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.CancelledAncestor);
    public static bool IsTooDeep(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.TooDeep);
    public static bool IsNotReady(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.NotReady);
    public static bool IsAcceptedForExecution(BehaviorContext<RunSaga, CreateRun> context) =>
        context.Is(CreateRunOutcome.AcceptedForExecution);
    public static bool IsAlreadyRunning(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.AlreadyRunning);
    public static bool IsAlreadyCancelled(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.AlreadyCancelled);
    public static bool IsReservationInput(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.ReservationInput);
    public static bool IsDelayedReservationInput(BehaviorContext<RunSaga, CreateRun> context) =>
        context.Is(CreateRunOutcome.DelayedReservationInput);
    public static bool IsRedelivery(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Redelivery);
    public static bool IsDuplicate(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Duplicate);
    public static bool IsRequestMismatch(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.RequestMismatch);
    public static bool IsIdConflict(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.IdConflict);

    public static bool IsRepeatedClaim(BehaviorContext<RunSaga, ClaimRun> context) => context.Is(ClaimRunOutcome.Repeated);
    public static bool IsClaimed(BehaviorContext<RunSaga, ClaimRun> context) => context.Is(ClaimRunOutcome.Claimed);
    public static bool IsExpired(BehaviorContext<RunSaga, ClaimRun> context) => context.Is(ClaimRunOutcome.Expired);
    public static bool IsNotClaimable(BehaviorContext<RunSaga, ClaimRun> context) => context.Is(ClaimRunOutcome.NotClaimable);

    public static bool IsRelease(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.Released);
    public static bool IsSuspension(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.Suspension);
    public static bool IsRetry(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.Retry);
    public static bool IsFailure(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.Failure);
    public static bool IsRepeatedRelease(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.Repeated);
    public static bool IsNotRepeatedRelease(BehaviorContext<RunSaga, ReleaseRun> context) => !IsRepeatedRelease(context);
    public static bool IsAttemptLost(BehaviorContext<RunSaga, ReleaseRun> context) => context.Is(ReleaseRunOutcome.AttemptLost);

    public static bool IsSuccess(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.Success);
    public static bool IsFailure(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.Failure);
    public static bool IsCancellation(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.Cancellation);
    public static bool IsRetry(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.Retry);
    public static bool IsRepeatedOutcome(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.Repeated);
    public static bool IsAttemptLost(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.AttemptLost);
    public static bool IsAttemptRequired(BehaviorContext<RunSaga, CompleteRun> context) => context.Is(CompleteRunOutcome.AttemptRequired);

    public static bool IsOverdue(BehaviorContext<RunSaga, RunDue> context) => context.Is(RunDueOutcome.Overdue);
    public static bool IsReady(BehaviorContext<RunSaga, RunDue> context) => context.Is(RunDueOutcome.Ready);
    public static bool IsRetry(BehaviorContext<RunSaga, RunDue> context) => context.Is(RunDueOutcome.Retry);
    public static bool IsFailure(BehaviorContext<RunSaga, RunDue> context) => context.Is(RunDueOutcome.Failure);
    public static bool IsSuspension(BehaviorContext<RunSaga, RunDue> context) => context.Is(RunDueOutcome.Suspension);

    /// <summary>The sender requested the cancellation of this run itself.</summary>
    public static bool IsDirect(BehaviorContext<RunSaga, CancelRun> context) => !context.MessageContext().IsCascaded;

    /// <summary>The run is cancelled because a run above it was cancelled.</summary>
    public static bool IsCascaded(BehaviorContext<RunSaga, CancelRun> context) => context.MessageContext().IsCascaded;

    /// <summary>
    /// A publisher sent the cancel without a response address, so it cannot learn that the run does not exist yet.
    /// </summary>
    public static bool IsFireAndForget(BehaviorContext<RunSaga, CancelRun> context) =>
        IsDirect(context) && !context.MessageContext().HasResponseAddress;

    public static bool IsNotFireAndForget(BehaviorContext<RunSaga, CancelRun> context) => !IsFireAndForget(context);

    public static bool IsDuplicateWait(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.Duplicate);
    public static bool IsNotDuplicateWait(BehaviorContext<RunSaga, WaitRun> context) => !IsDuplicateWait(context);
    public static bool IsSuspension(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.Suspension);
    public static bool IsReleaseOfWait(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.Release);
    public static bool IsAttemptLost(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.AttemptLost);
    public static bool IsNotAttemptLost(BehaviorContext<RunSaga, WaitRun> context) => !IsAttemptLost(context);
    public static bool IsAttemptRequired(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.AttemptRequired);

    /// <summary>
    /// The sender may make the run wait, but the run waits for something else, or no worker executes it.
    /// </summary>
    public static bool IsUnexpectedWait(BehaviorContext<RunSaga, WaitRun> context) =>
        context.Is(WaitRunOutcome.NewWait) || context.Is(WaitRunOutcome.Suspension) || context.Is(WaitRunOutcome.TooManyInputRequests);

    public static bool IsNewWait(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.NewWait);
    public static bool ExceedsInputRequestLimit(BehaviorContext<RunSaga, WaitRun> context) =>
        context.Is(WaitRunOutcome.TooManyInputRequests);

    public static bool IsDuplicateResult(BehaviorContext<RunSaga, ResumeRun> context) => context.Is(ResumeRunOutcome.Duplicate);
    public static bool IsNotDuplicateResult(BehaviorContext<RunSaga, ResumeRun> context) => !IsDuplicateResult(context);
    public static bool IsAwaitedResult(BehaviorContext<RunSaga, ResumeRun> context) => context.Is(ResumeRunOutcome.AwaitedResult);
    public static bool IsAwaitedBySuspendedRun(BehaviorContext<RunSaga, ResumeRun> context) =>
        context.Is(ResumeRunOutcome.AwaitedBySuspendedRun);
    public static bool IsAwaitedAfterLease(BehaviorContext<RunSaga, ResumeRun> context) => context.Is(ResumeRunOutcome.AwaitedAfterLease);
    public static bool IsUnexpectedResult(BehaviorContext<RunSaga, ResumeRun> context) =>
        context.Is(ResumeRunOutcome.NotAwaited) || context.Is(ResumeRunOutcome.ResultConflict);

    /// <summary>
    /// Whether this message has already paused or resumed the run. The run may have continued since then: a redelivered
    /// wait does not pause it again, and a redelivered result does not resume a later wait.
    /// </summary>
    public static bool HasProcessed(this Run run, Guid? messageId) => messageId is { } id && run.ProcessedWaitMessageIds.Contains(id);

    private static bool Is(this BehaviorContext<RunSaga, CreateRun> context, CreateRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.RunOrNull) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, ClaimRun> context, ClaimRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, ReleaseRun> context, ReleaseRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, CompleteRun> context, CompleteRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, RunDue> context, RunDueOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, WaitRun> context, WaitRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, ResumeRun> context, ResumeRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;
}
