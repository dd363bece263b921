using MassTransit;
using MassTransit.Saga;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>
/// A repository of the usual shape: it finds the instance, then inserts a new one, or replaces the stored one if its
/// version is older.
/// </summary>
internal sealed class MassTransitSagaRepository(
    IMongoCollection<MassTransitRunSaga> runs,
    ISagaConsumeContextFactory<IMongoCollection<MassTransitRunSaga>, MassTransitRunSaga> sagas)
    : ISagaRepositoryContextFactory<MassTransitRunSaga>
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<MassTransitRunSaga, T>> next)
        where T : class => next.Send(new MassTransitSagaRepositoryContext<T>(context, runs, sagas));

    public Task SendQuery<T>(
        ConsumeContext<T> context,
        ISagaQuery<MassTransitRunSaga> query,
        IPipe<SagaRepositoryQueryContext<MassTransitRunSaga, T>> next)
        where T : class => throw new NotSupportedException("Runs are correlated by id only.");

    public void Probe(ProbeContext context) => context.CreateScope("massTransitDefaults");
}
