using System.Linq.Expressions;
using MassTransit;
using Runs.Contracts;
using static Runs.Lifecycle.RunConditions;

namespace Runs.Lifecycle;

/// <summary>
/// The life of a run: pending, then running, which may pause as waiting, then exactly one of completed, failed or cancelled. This is the
/// specification. What a verb does stands in <see cref="RunActivities"/>; what a create is to its run, in <see cref="CreateDecision"/>. Nobody is
/// told anything before the state is stored, and what stayed initial is not stored.
/// </summary>
internal sealed class RunStateMachine : MassTransitStateMachine<RunState>
{
    public RunStateMachine()
    {
        InstanceState(run => run.CurrentState);

        Event(() => CreateRun, e => e.CorrelateById(m => RunAddress.KeyOf(m.Message)));
        Command(() => StartRun);
        Command(() => WaitRun);
        Command(() => ResumeRun);
        Command(() => CompleteRun);
        Event(() => CancelRun, e => e.CorrelateById(m => RunAddress.KeyOf(m.Message)));
        Command(() => RunDue);

        Initially(
            When(CancelRun, IsUnanswerable).RecordEarlyCancel().TransitionTo(CalledOff), // it overtook its create
            When(CancelRun, IsAnswerable).RefuseAsUnknown(),
            When(CreateRun, IsReservation).RecordRequest().TransitionTo(Pending).AnnounceReservation().CheckAncestors().ReplyAsChanged(),
            When(CreateRun, IsForExecution).RecordRequest().TransitionTo(Pending).AnnounceAcceptance().CheckAncestors().ReplyAsChanged(),
            When(CreateRun, IsAlreadyRunning).RecordRequest().RecordStart().TransitionTo(Running).AnnounceAcceptance().AnnounceStart().CheckAncestors()
                .ReplyAsChanged());

        During(CalledOff,
            When(CreateRun, WasCalledOff).RecordRequest().RecordCancellation().TransitionTo(Cancelled).AnnounceEnd().ReplyAsChanged(),
            When(StartRun).RefuseAsUnknown(), When(WaitRun).RefuseAsUnknown(), When(ResumeRun).RefuseAsUnknown(), When(CompleteRun).RefuseAsUnknown(),
            When(CancelRun).RefuseAsUnknown(), Ignore(RunDue));

        During([Initial, CalledOff],
            When(CreateRun, IsTooLate).RefuseAsExpired(),
            When(CreateRun, HasUnknownParent).RefuseForItsParent(),
            When(CreateRun, HasCancelledAncestor).RefuseForItsCancelledAncestor(),
            When(CreateRun, IsTooDeep).RefuseAsTooDeep());

        During(Pending,
            When(CreateRun, IsStartOfReservation).RecordInput().AnnounceAcceptance().ReplyAsChanged(),
            When(StartRun).RecordStart().TransitionTo(Running).AnnounceStart().ReplyAsChanged(),
            When(WaitRun).RecordStart().AnnounceStart().RecordWait().TransitionTo(Waiting).AnnounceWait().ReplyAsChanged(), // a wait may overtake its start
            When(ResumeRun).RefuseResult(),
            When(CompleteRun, IsSuccess).RecordStart().AnnounceStart()); // an outcome may overtake its start, and ends the run below

        During(Running,
            When(StartRun).Reply(),
            When(WaitRun, IsRepeatedWait).Reply(),
            When(WaitRun, IsOneTooMany).RefuseAsTooMany(),
            When(WaitRun, IsNewWait).RecordWait().TransitionTo(Waiting).AnnounceWait().ReplyAsChanged(),
            When(ResumeRun, IsRepeatedResult).Reply(),
            When(ResumeRun, IsNewResult).RefuseResult());

        During(Waiting,
            When(StartRun).Reply(),
            When(WaitRun, IsRepeatedWait).Reply(),
            When(WaitRun, IsOtherWait).RefuseAsNotRunning(),
            When(ResumeRun, IsRepeatedResult).Reply(),
            When(ResumeRun, IsUnawaited).RefuseResult(), // before the next line, which ends the wait
            When(ResumeRun, IsAwaited).RecordResult().TransitionTo(Running).AnnounceResumption().ReplyAsChanged());

        During([Pending, Running, Waiting],
            When(CompleteRun, IsSuccess).RecordOutcome().TransitionTo(Completed).AnnounceEnd().ReplyAsChanged(),
            When(CompleteRun, IsFailure).RecordOutcome().TransitionTo(Failed).AnnounceEnd().ReplyAsChanged(),
            When(CompleteRun, IsCancellation).RecordOutcome().TransitionTo(Cancelled).AnnounceEnd().CancelDescendants().ReplyAsChanged(),
            When(CancelRun, IsFirsthand).RecordCancellation().TransitionTo(Cancelled).AnnounceEnd().CancelDescendants().ReplyAsChanged(),
            When(CancelRun, IsCascade).RecordCancellation().TransitionTo(Cancelled).AnnounceEnd(), // the run above, whose cascade it is, reaches the descendants
            When(RunDue, IsNow).RecordTimeout().TransitionTo(Failed).AnnounceEnd());

        During([Completed, Failed, Cancelled], // the first outcome stands
            When(StartRun).Reply(),
            When(WaitRun, IsRepeatedWait).Reply(),
            When(WaitRun, IsOtherWait).RefuseAsEnded(),
            When(ResumeRun, IsRepeatedResult).Reply(),
            When(ResumeRun, IsNewResult).RefuseAsEnded(),
            When(CompleteRun).ReplyToOutcome(),
            When(CancelRun).ReplyToOutcome(),
            Ignore(RunDue));

        During(Cancelled, When(CancelRun, IsFirsthand).CancelDescendantsAgain()); // whoever asks again resumes what was not finished

        During([Pending, Running, Waiting, Completed, Failed, Cancelled], // kept, not finalized: they recognize a late duplicate
            When(CreateRun, IsRedelivery).ReplyAsChanged(),
            When(CreateRun, IsRepeat).Reply(),
            When(CreateRun, IsDifferentRequest).RefuseWithDifferences(),
            When(CreateRun, IsTakenByAnother).RefuseAsTaken());
    }

    public State CalledOff { get; private set; } = null!;
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

    private void Command<T>(Expression<Func<Event<T>>> command)
        where T : class =>
        Event(command, e =>
        {
            e.CorrelateById(m => RunAddress.KeyOf(m.Message));
            e.OnMissingInstance(missing => missing.ExecuteAsync(RunActivities.ReplyThatThereIsNoRun));
        });
}
