using System.Text.Json;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>The life of a run, as short as it can be.</summary>
public sealed class MassTransitRunStateMachine : MassTransitStateMachine<MassTransitRunSaga>
{
    public MassTransitRunStateMachine()
    {
        InstanceState(run => run.CurrentState);
        Event(() => SubmitRun, e => e.CorrelateById(context => context.Message.CorrelationId));

        Initially(When(SubmitRun)
            .Then(context =>
            {
                var (run, command) = (context.Saga, context.Message);
                (run.RunId, run.Kind, run.OwnerKind, run.OwnerId, run.Request) = (command.RunId, command.Kind, command.OwnerKind, command.OwnerId, command.Request);
                run.CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
            })
            .TransitionTo(Submitted)
            .Respond(context => RunSubmitted.FromSaga(context.Saga, duplicate: false)));

        During(Submitted, When(SubmitRun).Respond(context => RunSubmitted.FromSaga(context.Saga, duplicate: true)));
    }

    public State Submitted { get; private set; } = null!;

    public Event<SubmitRun> SubmitRun { get; private set; } = null!;
}
