using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using MongoDB.Driver;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>The context of one message in <see cref="MassTransitSagaRepository"/>.</summary>
internal sealed class MassTransitSagaRepositoryContext<T>(
    ConsumeContext<T> context,
    IMongoCollection<MassTransitRunSaga> runs,
    ISagaConsumeContextFactory<IMongoCollection<MassTransitRunSaga>, MassTransitRunSaga> sagas)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<MassTransitRunSaga, T>
    where T : class
{
    private readonly ConsumeContext<T> _context = context;

    public async Task<SagaConsumeContext<MassTransitRunSaga, T>> Load(Guid correlationId)
    {
        var found = await runs.Find(run => run.CorrelationId == correlationId).FirstOrDefaultAsync(CancellationToken);
        return found is null
            ? null!
            : await sagas.CreateSagaConsumeContext(runs, _context, found, SagaConsumeContextMode.Load);
    }

    public Task<SagaConsumeContext<MassTransitRunSaga, T>> Add(MassTransitRunSaga instance) =>
        sagas.CreateSagaConsumeContext(runs, _context, instance, SagaConsumeContextMode.Add);

    public Task<SagaConsumeContext<MassTransitRunSaga, T>> Insert(MassTransitRunSaga instance) =>
        throw new NotSupportedException("Runs are inserted once, at the end.");

    public Task Save(SagaConsumeContext<MassTransitRunSaga> sagaContext) =>
        runs.InsertOneAsync(sagaContext.Saga, options: null, CancellationToken);

    public async Task Update(SagaConsumeContext<MassTransitRunSaga> sagaContext)
    {
        var run = sagaContext.Saga;
        run.Version++;
        var replaced = await runs.FindOneAndReplaceAsync<MassTransitRunSaga>(
            stored => stored.CorrelationId == run.CorrelationId && stored.Version < run.Version,
            run,
            options: null,
            CancellationToken);
        if (replaced is null)
        {
            throw new ConcurrencyException(
                $"Run {run.RunId} was changed by another message.",
                typeof(MassTransitRunSaga),
                run.CorrelationId);
        }
    }

    public Task Delete(SagaConsumeContext<MassTransitRunSaga> sagaContext) => throw new NotSupportedException("Runs are kept.");

    public Task Discard(SagaConsumeContext<MassTransitRunSaga> sagaContext) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<MassTransitRunSaga> sagaContext) => Task.CompletedTask;

    public Task<SagaConsumeContext<MassTransitRunSaga, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext,
        MassTransitRunSaga instance,
        SagaConsumeContextMode mode)
        where TMessage : class => sagas.CreateSagaConsumeContext(runs, consumeContext, instance, mode);
}
