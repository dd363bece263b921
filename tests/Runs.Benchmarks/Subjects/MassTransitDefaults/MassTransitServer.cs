using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>
/// The saga as MassTransit's documentation teaches it: a request client with a temporary response queue, a state
/// machine, message retry and the in-memory outbox, the default prefetch count, and a repository that looks for the
/// instance before it inserts it. The queue is a quorum queue and writes are journaled by a majority, as in all
/// subjects.
/// </summary>
internal static class MassTransitServer
{
    public static async Task Run(int port, string broker, string store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(OpenCollection(store));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddRequestClient<SubmitRun>();
            bus.AddSagaStateMachine<MassTransitRunStateMachine, MassTransitRunSaga, MassTransitRunSagaDefinition>()
                .Repository(AddRepository);
            bus.UsingRabbitMq((context, rabbitMq) =>
            {
                rabbitMq.Host(new Uri(broker));
                rabbitMq.ConfigureEndpoints(context);
            });
        });
        var app = builder.Build();
        app.MapPost("/runs", CreateRun);
        await app.RunAsync();
    }

    private static IMongoCollection<MassTransitRunSaga> OpenCollection(string store)
    {
        var url = MongoUrl.Create(store);
        return new MongoClient(url)
            .GetDatabase(url.DatabaseName)
            .GetCollection<MassTransitRunSaga>("runs")
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true));
    }

    private static void AddRepository(ISagaRepositoryRegistrationConfigurator<MassTransitRunSaga> repository) =>
        repository.RegisterSagaRepository<
            MassTransitRunSaga,
            IMongoCollection<MassTransitRunSaga>,
            SagaConsumeContextFactory<IMongoCollection<MassTransitRunSaga>, MassTransitRunSaga>,
            MassTransitSagaRepository>();

    private static async Task<IResult> CreateRun(
        SubmitRunBody body,
        IRequestClient<SubmitRun> client,
        CancellationToken cancellationToken)
    {
        var command = new SubmitRun(
            Guid.Parse(body.PublicId["run_".Length..]),
            body.PublicId,
            body.Kind,
            body.Owner.Kind,
            body.Owner.Id,
            body.Request.GetRawText());
        var submitted = await client.GetResponse<RunSubmitted>(command, cancellationToken);
        return Results.Accepted($"/runs/{body.PublicId}", submitted.Message);
    }
}
