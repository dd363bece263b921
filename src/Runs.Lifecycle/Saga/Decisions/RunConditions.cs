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
    public static bool IsReservation(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Reservation);
    public static bool IsAcceptedForExecution(BehaviorContext<RunSaga, CreateRun> context) =>
        context.Is(CreateRunOutcome.AcceptedForExecution);
    public static bool IsAlreadyRunning(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.AlreadyRunning);
    public static bool IsAlreadyCancelled(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.AlreadyCancelled);
    public static bool IsReservationInput(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.ReservationInput);
    public static bool IsRedelivery(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Redelivery);
    public static bool IsDuplicate(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.Duplicate);
    public static bool IsRequestMismatch(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.RequestMismatch);
    public static bool IsIdConflict(BehaviorContext<RunSaga, CreateRun> context) => context.Is(CreateRunOutcome.IdConflict);

    public static bool IsSuccess(BehaviorContext<RunSaga, CompleteRun> context) => context.Message.Status == RunStatuses.Completed;
    public static bool IsFailure(BehaviorContext<RunSaga, CompleteRun> context) => context.Message.Status == RunStatuses.Failed;
    public static bool IsCancellation(BehaviorContext<RunSaga, CompleteRun> context) => context.Message.Status == RunStatuses.Cancelled;

    public static bool IsDue(BehaviorContext<RunSaga, RunDue> context) => context.Saga.Run.DueAt <= context.MessageContext().Now;

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
    public static bool IsNewWait(BehaviorContext<RunSaga, WaitRun> context) => context.Is(WaitRunOutcome.NewWait);
    public static bool ExceedsInputRequestLimit(BehaviorContext<RunSaga, WaitRun> context) =>
        context.Is(WaitRunOutcome.TooManyInputRequests);

    public static bool IsDuplicateResult(BehaviorContext<RunSaga, ResumeRun> context) => context.Is(ResumeRunOutcome.Duplicate);
    public static bool IsNotDuplicateResult(BehaviorContext<RunSaga, ResumeRun> context) => !IsDuplicateResult(context);
    public static bool IsAwaitedResult(BehaviorContext<RunSaga, ResumeRun> context) => context.Is(ResumeRunOutcome.AwaitedResult);
    public static bool IsUnexpectedResult(BehaviorContext<RunSaga, ResumeRun> context) =>
        IsNotDuplicateResult(context) && !IsAwaitedResult(context);

    /// <summary>
    /// Whether this message has already paused or resumed the run. The run may have continued since then: a redelivered
    /// wait does not pause it again, and a redelivered result does not resume a later wait.
    /// </summary>
    public static bool HasProcessed(this Run run, Guid? messageId) => messageId is { } id && run.ProcessedWaitMessageIds.Contains(id);

    private static bool Is(this BehaviorContext<RunSaga, CreateRun> context, CreateRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.RunOrNull) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, WaitRun> context, WaitRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;

    private static bool Is(this BehaviorContext<RunSaga, ResumeRun> context, ResumeRunOutcome outcome) =>
        context.MessageContext().OutcomeOf(context.Message, context.Saga.Run) == outcome;
}
