using System.Linq.Expressions;
using MassTransit;
using Runs.Contracts;
using static Runs.Lifecycle.RunConditions;

namespace Runs.Lifecycle;

/// <summary>
/// The life of a run: pending, then running, which may pause as waiting, then exactly one of completed, failed or
/// cancelled. This is the specification: for each command and state, exactly one line handles the command (none
/// handles a <see cref="RunDue"/> that comes too early), and the order of the lines does not matter. The activities are
/// in <see cref="RunActivities"/>, <see cref="RunOutboxActivities"/> and <see cref="RunReplyActivities"/>, the rules
/// for duplicates in <see cref="CreateRunDecision"/>. Replies and events are sent only after the saga is saved; a saga
/// that stays Initial is not saved.
/// </summary>
internal sealed class RunStateMachine : MassTransitStateMachine<RunSaga>
{
    public RunStateMachine()
    {
        InstanceState(saga => saga.CurrentState);

        Event(() => CreateRun, e => e.CorrelateById(m => RunReference.FromCommand(m.Message).CorrelationId));
        CommandOnExistingRun(() => StartRun);
        CommandOnExistingRun(() => WaitRun);
        CommandOnExistingRun(() => ResumeRun);
        CommandOnExistingRun(() => CompleteRun);
        Event(() => CancelRun, e => e.CorrelateById(m => RunReference.FromCommand(m.Message).CorrelationId));
        CommandOnExistingRun(() => RunDue);

        Initially(
            // The cancel arrived before its create.
            When(CancelRun, IsFireAndForget).RecordPendingCancellation().TransitionTo(CancellationPending).WithoutReply(),
            When(CancelRun, IsNotFireAndForget).RejectNotFound(),
            When(CreateRun, IsReservation)
                .RecordRequest().TransitionTo(Pending).PublishRunReserved().RequestAncestorCheck().ReplyChanged(),
            When(CreateRun, IsAcceptedForExecution)
                .RecordRequest().TransitionTo(Pending).PublishRunAccepted().RequestAncestorCheck().ReplyChanged(),
            When(CreateRun, IsAlreadyRunning)
                .RecordRequest().RecordStart().TransitionTo(Running)
                .PublishRunAccepted().PublishRunStarted().RequestAncestorCheck().ReplyChanged());

        During(CancellationPending,
            When(CreateRun, IsAlreadyCancelled)
                .RecordRequest().RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().ReplyChanged(),
            When(StartRun).RejectNotFound(),
            When(WaitRun).RejectNotFound(),
            When(ResumeRun).RejectNotFound(),
            When(CompleteRun).RejectNotFound(),
            When(CancelRun).RejectNotFound(),
            Ignore(RunDue));

        During([Initial, CancellationPending],
            When(CreateRun, IsExpired).RejectExpired(),
            When(CreateRun, IsParentNotFound).RejectParentNotFound(),
            When(CreateRun, HasCancelledAncestor).RejectCancelledAncestor(),
            When(CreateRun, IsTooDeep).RejectTooDeep());

        During(Pending,
            When(CreateRun, IsReservationInput).RecordInput().PublishRunAccepted().ReplyChanged(),
            When(StartRun).RecordStart().TransitionTo(Running).PublishRunStarted().ReplyChanged(),
            // A wait may overtake its start.
            When(WaitRun).RecordStart().PublishRunStarted().RecordWait().TransitionTo(Waiting).PublishRunWaiting().ReplyChanged(),
            When(ResumeRun).RejectToolResult(),
            // An outcome may overtake its start.
            When(CompleteRun, IsSuccess)
                .RecordStart().PublishRunStarted().RecordOutcome().TransitionTo(Completed).PublishRunFinished().ReplyChanged());

        During(Running,
            When(StartRun).ReplyUnchanged(),
            When(WaitRun, IsDuplicateWait).ReplyUnchanged(),
            When(WaitRun, ExceedsInputRequestLimit).RejectTooManyInputRequests(),
            When(WaitRun, IsNewWait).RecordWait().TransitionTo(Waiting).PublishRunWaiting().ReplyChanged(),
            When(ResumeRun, IsDuplicateResult).ReplyUnchanged(),
            When(ResumeRun, IsNotDuplicateResult).RejectToolResult());

        During(Waiting,
            When(StartRun).ReplyUnchanged(),
            When(WaitRun, IsDuplicateWait).ReplyUnchanged(),
            When(WaitRun, IsNotDuplicateWait).RejectNotRunning(),
            When(ResumeRun, IsDuplicateResult).ReplyUnchanged(),
            When(ResumeRun, IsAwaitedResult).RecordResult().TransitionTo(Running).PublishRunResumed().ReplyChanged(),
            When(ResumeRun, IsUnexpectedResult).RejectToolResult());

        During([Running, Waiting],
            When(CompleteRun, IsSuccess).RecordOutcome().TransitionTo(Completed).PublishRunFinished().ReplyChanged());

        During([Pending, Running, Waiting],
            When(CompleteRun, IsFailure).RecordOutcome().TransitionTo(Failed).PublishRunFinished().ReplyChanged(),
            When(CompleteRun, IsCancellation)
                .RecordOutcome().TransitionTo(Cancelled).PublishRunFinished().RequestDescendantCancellation().ReplyChanged(),
            When(CancelRun, IsDirect)
                .RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().RequestDescendantCancellation().ReplyChanged(),
            // The cascade continues with the descendants.
            When(CancelRun, IsCascaded).RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().WithoutReply(),
            When(RunDue, IsDue).RecordTimeout().TransitionTo(Failed).PublishRunFinished());

        // The first outcome is kept.
        During([Completed, Failed, Cancelled],
            When(StartRun).ReplyUnchanged(),
            When(WaitRun, IsDuplicateWait).ReplyUnchanged(),
            When(WaitRun, IsNotDuplicateWait).RejectFinished(),
            When(ResumeRun, IsDuplicateResult).ReplyUnchanged(),
            When(ResumeRun, IsNotDuplicateResult).RejectFinished(),
            When(CompleteRun).ReplyWithOutcome(),
            Ignore(RunDue));

        During([Completed, Failed],
            When(CancelRun).ReplyWithOutcome());

        During(Cancelled,
            // A repeated cancel resumes an unfinished cascade.
            When(CancelRun, IsDirect).ReplyWithOutcome().RestartDescendantCancellation(),
            When(CancelRun, IsCascaded).WithoutReply());

        // Ended runs are not finalized: they detect a late duplicate.
        During([Pending, Running, Waiting, Completed, Failed, Cancelled],
            When(CreateRun, IsRedelivery).ReplyChanged(),
            When(CreateRun, IsDuplicate).ReplyUnchanged(),
            When(CreateRun, IsRequestMismatch).RejectRequestMismatch(),
            When(CreateRun, IsIdConflict).RejectIdConflict());
    }

    public State CancellationPending { get; private set; } = null!;
    public State Pending { get; private set; } = null!;
    public State Running { get; private set; } = null!;
    public State Waiting { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Cancelled { get; private set; } = null!;

    public Event<CreateRun> CreateRun { get; private set; } = null!;
    public Event<StartRun> StartRun { get; private set; } = null!;
    public Event<WaitRun> WaitRun { get; private set; } = null!;
    public Event<ResumeRun> ResumeRun { get; private set; } = null!;
    public Event<CompleteRun> CompleteRun { get; private set; } = null!;
    public Event<CancelRun> CancelRun { get; private set; } = null!;
    public Event<RunDue> RunDue { get; private set; } = null!;

    private void CommandOnExistingRun<T>(Expression<Func<Event<T>>> command)
        where T : class =>
        Event(command, e =>
        {
            e.CorrelateById(m => RunReference.FromCommand(m.Message).CorrelationId);
            e.OnMissingInstance(missing => missing.Discard()); // the repository replies
        });
}
