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

namespace Runs.Bench.Bench.Subjects;

/// <summary>
/// The saga as MassTransit's documentation teaches it: a request client with a temporary response queue, a state machine, message retry and the in-memory outbox, the default prefetch, and
/// a repository that looks for the instance before it inserts it. The queue is a quorum queue and writes are journaled by a majority, as everywhere here.
/// </summary>
internal static class MassTransitServer
{
    public static async Task Run(int port, string broker, string store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var url = MongoUrl.Create(store);
        builder.Services.AddSingleton(new MongoClient(url).GetDatabase(url.DatabaseName).GetCollection<MassTransitRunSaga>("runs")
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true)));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRequestClient<SubmitRun>();
            bus.AddSagaStateMachine<MassTransitRunStateMachine, MassTransitRunSaga, MassTransitRunSagaDefinition>()
                .Repository(repository => repository.RegisterSagaRepository<
                    MassTransitRunSaga, IMongoCollection<MassTransitRunSaga>, SagaConsumeContextFactory<IMongoCollection<MassTransitRunSaga>, MassTransitRunSaga>, MassTransitSagaRepository>());
            bus.UsingRabbitMq((context, rabbitMq) =>
            {
                rabbitMq.Host(new Uri(broker));
                rabbitMq.ConfigureEndpoints(context);
            });
        });
        var app = builder.Build();
        app.MapPost("/runs", async (SubmitRunBody body, IRequestClient<SubmitRun> client, CancellationToken cancellationToken) =>
        {
            var submitted = await client.GetResponse<RunSubmitted>(
                new SubmitRun(Guid.Parse(body.PublicId["run_".Length..]), body.PublicId, body.Kind, body.Owner.Kind, body.Owner.Id, body.Request.GetRawText()), cancellationToken);
            return Results.Accepted($"/runs/{body.PublicId}", submitted.Message);
        });
        await app.RunAsync();
    }
}

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

/// <summary>Retry and outbox, in the order of the documentation.</summary>
public sealed class MassTransitRunSagaDefinition : SagaDefinition<MassTransitRunSaga>
{
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<MassTransitRunSaga> sagaConfigurator, IRegistrationContext context)
    {
        ((IRabbitMqReceiveEndpointConfigurator)endpointConfigurator).SetQuorumQueue();
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(500, 1000, 2000));
        endpointConfigurator.UseInMemoryOutbox(context);
    }
}

/// <summary>The body of a create.</summary>
public sealed record SubmitRunBody(
    [property: System.Text.Json.Serialization.JsonPropertyName("public_id")] string PublicId,
    [property: System.Text.Json.Serialization.JsonPropertyName("kind")] string Kind,
    [property: System.Text.Json.Serialization.JsonPropertyName("owner")] SubmitRunOwner Owner,
    [property: System.Text.Json.Serialization.JsonPropertyName("request")] JsonElement Request);

/// <summary>Whose the run is.</summary>
public sealed record SubmitRunOwner(
    [property: System.Text.Json.Serialization.JsonPropertyName("kind")] string Kind, [property: System.Text.Json.Serialization.JsonPropertyName("id")] string Id);

/// <summary>The command.</summary>
public sealed record SubmitRun(Guid CorrelationId, string RunId, string Kind, string OwnerKind, string OwnerId, string Request);

/// <summary>The answer.</summary>
public sealed record RunSubmitted(string RunId, string Kind, string Status, string OwnerKind, string OwnerId, string Request, DateTime CreatedAt, bool Duplicate)
{
    internal static RunSubmitted FromSaga(MassTransitRunSaga run, bool duplicate) =>
        new(run.RunId, run.Kind, run.CurrentState, run.OwnerKind, run.OwnerId, run.Request, run.CreatedAt, duplicate);
}
