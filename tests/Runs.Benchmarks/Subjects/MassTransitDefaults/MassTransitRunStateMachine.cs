using MassTransit;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The smallest state machine that creates a run and answers duplicates.</summary>
public sealed class MassTransitRunStateMachine : MassTransitStateMachine<MassTransitRunSaga>
{
    public MassTransitRunStateMachine()
    {
        InstanceState(run => run.CurrentState);
        Event(() => SubmitRun, e => e.CorrelateById(context => context.Message.CorrelationId));

        Initially(When(SubmitRun)
            .Then(context => context.Saga.Initialize(context.Message))
            .TransitionTo(Submitted)
            .Respond(context => RunSubmitted.FromSaga(context.Saga, duplicate: false)));

        During(Submitted, When(SubmitRun).Respond(context => RunSubmitted.FromSaga(context.Saga, duplicate: true)));
    }

    public State Submitted { get; private set; } = null!;

    public Event<SubmitRun> SubmitRun { get; private set; } = null!;
}
