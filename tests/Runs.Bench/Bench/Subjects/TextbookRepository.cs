using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Driver;

namespace Runs.Bench.Bench.Subjects;

/// <summary>The saga's instance.</summary>
public sealed class TextbookRun : SagaStateMachineInstance, ISagaVersion
{
    [BsonId, BsonGuidRepresentation(GuidRepresentation.Standard)]
    public Guid CorrelationId { get; set; }

    public int Version { get; set; }

    public string CurrentState { get; set; } = "";

    public string RunId { get; set; } = "";

    public string Kind { get; set; } = "";

    public string OwnerKind { get; set; } = "";

    public string OwnerId { get; set; } = "";

    public string Request { get; set; } = "";

    public DateTime CreatedAt { get; set; }
}

/// <summary>A repository of the usual shape: find, then insert what was not there, or replace what was, if its version is still older.</summary>
internal sealed class TextbookRepository(
    IMongoCollection<TextbookRun> runs, ISagaConsumeContextFactory<IMongoCollection<TextbookRun>, TextbookRun> sagas) : ISagaRepositoryContextFactory<TextbookRun>
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TextbookRun, T>> next)
        where T : class => next.Send(new TextbookRepositoryContext<T>(context, runs, sagas));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TextbookRun> query, IPipe<SagaRepositoryQueryContext<TextbookRun, T>> next)
        where T : class => throw new NotSupportedException("Runs are correlated by id only.");

    public void Probe(ProbeContext context) => context.CreateScope("textbook");
}

/// <summary>One message on its way through <see cref="TextbookRepository"/>.</summary>
internal sealed class TextbookRepositoryContext<T>(
    ConsumeContext<T> context, IMongoCollection<TextbookRun> runs, ISagaConsumeContextFactory<IMongoCollection<TextbookRun>, TextbookRun> sagas)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<TextbookRun, T>
    where T : class
{
    private readonly ConsumeContext<T> _context = context;

    public async Task<SagaConsumeContext<TextbookRun, T>> Load(Guid correlationId)
    {
        var found = await runs.Find(run => run.CorrelationId == correlationId).FirstOrDefaultAsync(CancellationToken);
        return found is null ? null! : await sagas.CreateSagaConsumeContext(runs, _context, found, SagaConsumeContextMode.Load);
    }

    public Task<SagaConsumeContext<TextbookRun, T>> Add(TextbookRun instance) => sagas.CreateSagaConsumeContext(runs, _context, instance, SagaConsumeContextMode.Add);

    public Task<SagaConsumeContext<TextbookRun, T>> Insert(TextbookRun instance) => throw new NotSupportedException("Runs are inserted once, at the end.");

    public Task Save(SagaConsumeContext<TextbookRun> sagaContext) => runs.InsertOneAsync(sagaContext.Saga, options: null, CancellationToken);

    public async Task Update(SagaConsumeContext<TextbookRun> sagaContext)
    {
        var run = sagaContext.Saga;
        run.Version++;
        _ = await runs.FindOneAndReplaceAsync<TextbookRun>(
                stored => stored.CorrelationId == run.CorrelationId && stored.Version < run.Version, run, options: null, CancellationToken)
            ?? throw new ConcurrencyException($"Run {run.RunId} was changed by another message.", typeof(TextbookRun), run.CorrelationId);
    }

    public Task Delete(SagaConsumeContext<TextbookRun> sagaContext) => throw new NotSupportedException("Runs are kept.");

    public Task Discard(SagaConsumeContext<TextbookRun> sagaContext) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TextbookRun> sagaContext) => Task.CompletedTask;

    public Task<SagaConsumeContext<TextbookRun, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, TextbookRun instance, SagaConsumeContextMode mode)
        where TMessage : class => sagas.CreateSagaConsumeContext(runs, consumeContext, instance, mode);
}
