using MassTransit;
using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that begin and end attempts, and that make a run ready for a claim.
/// </summary>
internal static class RunAttemptActivities
{
    // A worker that rejects a run would otherwise get it again at once.
    private static readonly TimeSpan DelayAfterRejection = TimeSpan.FromSeconds(10);

    /// <summary>From now on, a worker may claim the run.</summary>
    public static EventActivityBinder<RunSaga, T> MakeReady<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) => RunAttempts.MakeReady(run, messageContext.Now));

    /// <summary>Makes the run ready, at once or after the delay that the last attempt has set.</summary>
    public static EventActivityBinder<RunSaga, T> ScheduleNextAttempt<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) => RunAttempts.Schedule(run, run.Attempts[^1].RetryAt, messageContext.Now));

    public static EventActivityBinder<RunSaga, ClaimRun> RecordClaim(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder.Update((run, claim, messageContext) =>
        {
            RunActivities.RecordFirstStart(run, messageContext.Now);
            RunAttempts.Begin(run, claim, messageContext);
        });

    public static EventActivityBinder<RunSaga, ReleaseRun> RecordRelease(this EventActivityBinder<RunSaga, ReleaseRun> binder) =>
        binder.Update((run, release, messageContext) =>
        {
            DateTimeOffset? retryAt = release.Reason == ReleaseReasons.Rejected ? messageContext.Now + DelayAfterRejection : null;
            RunAttempts.End(run, AttemptOutcomes.Released, messageContext.Now, retryAt: retryAt);
        });

    /// <summary>Ends the attempt. The run keeps waiting.</summary>
    public static EventActivityBinder<RunSaga, T> RecordSuspension<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, _, messageContext) => RunAttempts.End(run, AttemptOutcomes.Suspended, messageContext.Now));

    /// <summary>Ends the attempt of a worker that held the run while it waits. The run keeps waiting.</summary>
    public static EventActivityBinder<RunSaga, WaitRun> RecordReleaseOfWait(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.RecordSuspension().Update((run, _, messageContext) => RunActivities.RememberMessage(run, messageContext.MessageId));

    /// <summary>Ends the attempt as failed or lost. Another one follows.</summary>
    public static EventActivityBinder<RunSaga, T> RecordFailedAttempt<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, message, messageContext) =>
        {
            var failure = AttemptFailure.From(run, message, messageContext.Execution);
            RunAttempts.End(run, failure.Outcome, messageContext.Now, failure.Error, failure.GetRetryTime(run, messageContext));
        });

    /// <summary>Ends the attempt as failed or lost, and the run with it.</summary>
    public static EventActivityBinder<RunSaga, T> RecordFailure<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Update((run, message, messageContext) =>
        {
            var failure = AttemptFailure.From(run, message, messageContext.Execution);
            run.Error = failure.Error;
            RunActivities.Finish(run, failure.Outcome, messageContext);
            run.ExitCode = RunActivities.GetExitCode(run, RunStatuses.Failed);
        });
}
