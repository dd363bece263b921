using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The activities of <see cref="RunStateMachine"/> that add a message to the run's outbox. The messages are published
/// after the run was saved.
/// </summary>
internal static class RunOutboxActivities
{
    public static EventActivityBinder<RunSaga, CreateRun> PublishRunReserved(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.AddToOutbox(RunMessages.CreateRunReserved);

    public static EventActivityBinder<RunSaga, T> PublishRunAccepted<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.AddToOutbox(RunMessages.CreateRunAccepted);

    /// <summary>
    /// Publishes <c>RunReady</c> if the run may be claimed now. Otherwise, the end of the delay publishes it.
    /// </summary>
    public static EventActivityBinder<RunSaga, T> PublishRunReady<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder.Then(context =>
        {
            var (run, messageContext) = (context.Saga.Run, context.MessageContext());
            if (run.IsReady())
            {
                var reason = context.Message is ResumeRun ? ReadyReasons.Resumed
                    : run.Attempts[^1].Outcome == AttemptOutcomes.Released ? ReadyReasons.Released
                    : ReadyReasons.Retry;
                messageContext.AddToOutbox(run, RunMessages.CreateRunReady(run, reason, messageContext.Now));
            }
        });

    /// <summary>Appends the start of the second or a later attempt to the run's log and publishes it.</summary>
    public static EventActivityBinder<RunSaga, ClaimRun> PublishRunAttemptStarted(this EventActivityBinder<RunSaga, ClaimRun> binder) =>
        binder
            .Then(context => RunLogEvents.AppendAttemptEvent(context.Saga.Run, context.MessageContext()))
            .AddToOutbox(RunMessages.CreateRunAttemptStarted);

    /// <summary>Appends the end of an attempt that did not end the run to the run's log and publishes it.</summary>
    public static EventActivityBinder<RunSaga, T> PublishRunAttemptEnded<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder
            .Then(context => RunLogEvents.AppendAttemptEvent(context.Saga.Run, context.MessageContext()))
            .AddToOutbox(RunMessages.CreateRunAttemptEnded);

    /// <summary>Appends the first event to the run's log and publishes <c>RunStarted</c>.</summary>
    public static EventActivityBinder<RunSaga, T> PublishRunStarted<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder
            .Then(context =>
                RunLogEvents.AppendStartedEvent(context.Saga.Run, context.MessageContext(), (context.Message as StartRun)?.Event))
            .AddToOutbox(RunMessages.CreateRunStarted);

    public static EventActivityBinder<RunSaga, WaitRun> PublishRunWaiting(this EventActivityBinder<RunSaga, WaitRun> binder) =>
        binder.AddToOutbox(RunMessages.CreateRunWaiting);

    public static EventActivityBinder<RunSaga, ResumeRun> PublishRunResumed(this EventActivityBinder<RunSaga, ResumeRun> binder) =>
        binder.Then(context =>
        {
            var (run, messageContext) = (context.Saga.Run, context.MessageContext());
            messageContext.AddToOutbox(run, RunMessages.CreateRunResumed(run, context.Message, messageContext.Now));
        });

    /// <summary>Appends the last event to the run's log and publishes <c>RunFinished</c>.</summary>
    public static EventActivityBinder<RunSaga, T> PublishRunFinished<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class =>
        binder
            .Then(context => RunLogEvents.AppendFinishedEvent(context.Saga.Run, context.MessageContext()))
            .AddToOutbox(RunMessages.CreateRunFinished);

    public static EventActivityBinder<RunSaga, T> RequestDescendantCancellation<T>(this EventActivityBinder<RunSaga, T> binder)
        where T : class => binder.AddToOutbox((run, _) => new CancelDescendants(run.Tenant, run.RunId));

    /// <summary>
    /// Restarts the cancellation of the descendants: a repeated cancel reaches runs that an earlier release or a lost
    /// step left active.
    /// </summary>
    public static EventActivityBinder<RunSaga, CancelRun> RestartDescendantCancellation(
        this EventActivityBinder<RunSaga, CancelRun> binder) =>
        binder.Then(context => context.MessageContext().RestartsCascade = true);

    /// <summary>For a child, requests a second check whether a run above it was cancelled in the meantime.</summary>
    public static EventActivityBinder<RunSaga, CreateRun> RequestAncestorCheck(this EventActivityBinder<RunSaga, CreateRun> binder) =>
        binder.Then(context =>
        {
            var run = context.Saga.Run;
            if (run.ParentRunId is { } parent)
            {
                context.MessageContext().AddToOutbox(run, new CheckAncestors(run.Tenant, run.RunId, parent));
            }
        });

    private static EventActivityBinder<RunSaga, T> AddToOutbox<T>(
        this EventActivityBinder<RunSaga, T> binder, Func<Run, DateTimeOffset, object> createMessage)
        where T : class =>
        binder.Then(context =>
        {
            var (run, messageContext) = (context.Saga.Run, context.MessageContext());
            messageContext.AddToOutbox(run, createMessage(run, messageContext.Now));
        });
}
