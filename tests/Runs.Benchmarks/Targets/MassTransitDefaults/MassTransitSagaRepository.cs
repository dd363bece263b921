using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>A repository of the usual shape: find, then insert what was not there, or replace what was, if its version is still older.</summary>
internal sealed class MassTransitSagaRepository(
    IMongoCollection<MassTransitRunSaga> runs, ISagaConsumeContextFactory<IMongoCollection<MassTransitRunSaga>, MassTransitRunSaga> sagas) : ISagaRepositoryContextFactory<MassTransitRunSaga>
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<MassTransitRunSaga, T>> next)
        where T : class => next.Send(new MassTransitSagaRepositoryContext<T>(context, runs, sagas));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<MassTransitRunSaga> query, IPipe<SagaRepositoryQueryContext<MassTransitRunSaga, T>> next)
        where T : class => throw new NotSupportedException("Runs are correlated by id only.");

    public void Probe(ProbeContext context) => context.CreateScope("textbook");
}
