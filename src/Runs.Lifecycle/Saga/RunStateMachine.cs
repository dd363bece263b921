using System.Linq.Expressions;
using MassTransit;
using Runs.Contracts;
using static Runs.Lifecycle.RunConditions;

namespace Runs.Lifecycle;

/// <summary>
/// The life of a run. It is pending until it starts. It is running while an attempt executes it, waiting while it is
/// paused, and retrying between two attempts. It ends as exactly one of completed, failed or cancelled. This is the
/// specification: for each command and state, exactly one line handles the command (none handles a <see cref="RunDue"/>
/// that comes too early), and the order of the lines does not matter. The activities are in
/// <see cref="RunActivities"/>, <see cref="RunAttemptActivities"/>, <see cref="RunOutboxActivities"/> and
/// <see cref="RunReplyActivities"/>, the rules for duplicates in <see cref="CreateRunDecision"/>. Replies and events
/// are sent only after the saga is saved; a saga that stays Initial is not saved.
/// </summary>
internal sealed class RunStateMachine : MassTransitStateMachine<RunSaga>
{
    public RunStateMachine()
    {
        InstanceState(saga => saga.CurrentState);

        Event(() => CreateRun, e => e.CorrelateById(m => RunReference.FromCommand(m.Message).CorrelationId));
        CommandOnExistingRun(() => StartRun);
        CommandOnExistingRun(() => ClaimRun);
        CommandOnExistingRun(() => ReleaseRun);
        CommandOnExistingRun(() => WaitRun);
        CommandOnExistingRun(() => ResumeRun);
        CommandOnExistingRun(() => CompleteRun);
        Event(() => CancelRun, e => e.CorrelateById(m => RunReference.FromCommand(m.Message).CorrelationId));
        CommandOnExistingRun(() => RunDue);

        Initially(
            // The cancel arrived before its create.
            When(CancelRun, IsFireAndForget).RecordPendingCancellation().TransitionTo(CancellationPending).WithoutReply(),
            When(CancelRun, IsNotFireAndForget).RejectNotFound(),
            When(CreateRun, IsNotReady)
                .RecordRequest().TransitionTo(Pending).PublishRunReserved().RequestAncestorCheck().ReplyChanged(),
            When(CreateRun, IsAcceptedForExecution)
                .RecordRequest().MakeReady().TransitionTo(Pending).PublishRunAccepted().RequestAncestorCheck().ReplyChanged(),
            When(CreateRun, IsAlreadyRunning)
                .RecordRequest().RecordStart().TransitionTo(Running)
                .PublishRunAccepted().PublishRunStarted().RequestAncestorCheck().ReplyChanged());

        During(CancellationPending,
            When(CreateRun, IsAlreadyCancelled)
                .RecordRequest().RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().ReplyChanged(),
            When(StartRun).RejectNotFound(),
            When(ClaimRun).RejectNotFound(),
            When(ReleaseRun).RejectNotFound(),
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
            When(CreateRun, IsReservationInput).RecordInput().MakeReady().PublishRunAccepted().ReplyChanged(),
            When(CreateRun, IsDelayedReservationInput).RecordInput().ReplyChanged(),
            When(StartRun).RecordStart().TransitionTo(Running).PublishRunStarted().ReplyChanged(),
            When(ClaimRun, IsClaimed).RecordClaim().TransitionTo(Running).PublishRunStarted().ReplyWithClaim(),
            When(ReleaseRun).RejectAttemptLost(),
            // A wait may overtake its start.
            When(WaitRun, IsNotAttemptLost)
                .RecordStart().PublishRunStarted().RecordWait().TransitionTo(Waiting).PublishRunWaiting().ReplyChanged(),
            When(ResumeRun).RejectToolResult(),
            // An outcome may overtake its start.
            When(CompleteRun, IsSuccess)
                .RecordStart().PublishRunStarted().RecordOutcome().TransitionTo(Completed).PublishRunFinished().ReplyChanged(),
            When(RunDue, IsReady).MakeReady().PublishRunAccepted());

        During(Running,
            When(ReleaseRun, IsRelease)
                .RecordRelease().ScheduleNextAttempt().TransitionTo(Retrying)
                .PublishRunAttemptEnded().PublishRunReady().ReplyChanged(),
            When(ReleaseRun, IsRetry)
                .RecordFailedAttempt().ScheduleNextAttempt().TransitionTo(Retrying)
                .PublishRunAttemptEnded().PublishRunReady().ReplyChanged(),
            When(ReleaseRun, IsFailure).RecordFailure().TransitionTo(Failed).PublishRunFinished().ReplyChanged(),
            When(WaitRun, ExceedsInputRequestLimit).RejectTooManyInputRequests(),
            When(WaitRun, IsNewWait).RecordWait().TransitionTo(Waiting).PublishRunWaiting().ReplyChanged(),
            When(WaitRun, IsSuspension)
                .RecordWait().RecordSuspension().TransitionTo(Waiting).PublishRunWaiting().PublishRunAttemptEnded().ReplyChanged(),
            When(CompleteRun, IsRetry)
                .RecordFailedAttempt().ScheduleNextAttempt().TransitionTo(Retrying)
                .PublishRunAttemptEnded().PublishRunReady().ReplyChanged(),
            When(RunDue, IsRetry)
                .RecordFailedAttempt().ScheduleNextAttempt().TransitionTo(Retrying).PublishRunAttemptEnded().PublishRunReady(),
            When(RunDue, IsFailure).RecordFailure().TransitionTo(Failed).PublishRunFinished());

        During(Waiting,
            When(ReleaseRun, IsSuspension).RecordSuspension().PublishRunAttemptEnded().ReplyChanged(),
            When(WaitRun, IsReleaseOfWait).RecordReleaseOfWait().PublishRunAttemptEnded().ReplyChanged(),
            When(WaitRun, IsUnexpectedWait).RejectNotRunning(),
            When(ResumeRun, IsDuplicateResult).ReplyUnchanged(),
            When(ResumeRun, IsAwaitedResult).RecordResult().TransitionTo(Running).PublishRunResumed().ReplyChanged(),
            When(ResumeRun, IsAwaitedBySuspendedRun)
                .RecordResult().MakeReady().TransitionTo(Retrying).PublishRunResumed().PublishRunReady().ReplyChanged(),
            When(ResumeRun, IsAwaitedAfterLease)
                .RecordResult().RecordSuspension().MakeReady().TransitionTo(Retrying)
                .PublishRunAttemptEnded().PublishRunResumed().PublishRunReady().ReplyChanged(),
            When(ResumeRun, IsUnexpectedResult).RejectToolResult(),
            When(CompleteRun, IsRetry)
                .RecordFailedAttempt().EndWait().ScheduleNextAttempt().TransitionTo(Retrying)
                .PublishRunAttemptEnded().PublishRunReady().ReplyChanged(),
            When(RunDue, IsSuspension).RecordSuspension().PublishRunAttemptEnded());

        // The last attempt has ended, and the next one has not begun. Clients see the run as running.
        During(Retrying,
            When(ClaimRun, IsClaimed).RecordClaim().TransitionTo(Running).PublishRunAttemptStarted().ReplyWithClaim(),
            When(WaitRun, IsUnexpectedWait).RejectNotRunning(),
            When(RunDue, IsReady).MakeReady().PublishRunReady());

        During([Running, Waiting],
            When(ClaimRun, IsRepeatedClaim).ReplyWithClaim(),
            When(WaitRun, IsAttemptRequired).RejectAttemptRequired(),
            When(CompleteRun, IsAttemptRequired).RejectAttemptRequired());

        During([Running, Retrying],
            When(ResumeRun, IsDuplicateResult).ReplyUnchanged(),
            When(ResumeRun, IsNotDuplicateResult).RejectToolResult());

        During([Running, Waiting, Retrying],
            When(StartRun).ReplyUnchanged(),
            When(ReleaseRun, IsRepeatedRelease).ReplyUnchanged(),
            When(ReleaseRun, IsAttemptLost).RejectAttemptLost(),
            When(WaitRun, IsDuplicateWait).ReplyUnchanged(),
            When(CompleteRun, IsSuccess).RecordOutcome().TransitionTo(Completed).PublishRunFinished().ReplyChanged(),
            When(CompleteRun, IsRepeatedOutcome).ReplyUnchanged());

        During([Pending, Running, Waiting, Retrying],
            When(ClaimRun, IsExpired).RejectExpired(),
            When(ClaimRun, IsNotClaimable).RejectNotClaimable(),
            When(WaitRun, IsAttemptLost).RejectAttemptLost(),
            When(CompleteRun, IsFailure).RecordOutcome().TransitionTo(Failed).PublishRunFinished().ReplyChanged(),
            When(CompleteRun, IsCancellation)
                .RecordOutcome().TransitionTo(Cancelled).PublishRunFinished().RequestDescendantCancellation().ReplyChanged(),
            When(CompleteRun, IsAttemptLost).RejectAttemptLost(),
            When(CancelRun, IsDirect)
                .RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().RequestDescendantCancellation().ReplyChanged(),
            // The cascade continues with the descendants.
            When(CancelRun, IsCascaded).RecordCancellation().TransitionTo(Cancelled).PublishRunFinished().WithoutReply(),
            When(RunDue, IsOverdue).RecordTimeout().TransitionTo(Failed).PublishRunFinished());

        // The first outcome is kept.
        During([Completed, Failed, Cancelled],
            When(StartRun).ReplyUnchanged(),
            When(ClaimRun).RejectFinished(),
            When(ReleaseRun, IsRepeatedRelease).ReplyUnchanged(),
            When(ReleaseRun, IsNotRepeatedRelease).RejectFinished(),
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
        During([Pending, Running, Waiting, Retrying, Completed, Failed, Cancelled],
            When(CreateRun, IsRedelivery).ReplyChanged(),
            When(CreateRun, IsDuplicate).ReplyUnchanged(),
            When(CreateRun, IsRequestMismatch).RejectRequestMismatch(),
            When(CreateRun, IsIdConflict).RejectIdConflict());
    }

    public State CancellationPending { get; private set; } = null!;
    public State Pending { get; private set; } = null!;
    public State Running { get; private set; } = null!;
    public State Waiting { get; private set; } = null!;
    public State Retrying { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Cancelled { get; private set; } = null!;

    public Event<CreateRun> CreateRun { get; private set; } = null!;
    public Event<StartRun> StartRun { get; private set; } = null!;
    public Event<ClaimRun> ClaimRun { get; private set; } = null!;
    public Event<ReleaseRun> ReleaseRun { get; private set; } = null!;
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
