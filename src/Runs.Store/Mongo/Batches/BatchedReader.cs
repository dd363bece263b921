using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Batches concurrent reads of whole runs into one <c>find</c>.</summary>
internal sealed class BatchedReader
{
    private readonly IMongoCollection<Run> _runs;
    private readonly CallBatcher<Guid, Run?> _batcher;

    public BatchedReader(IMongoCollection<Run> runs)
    {
        _runs = runs;
        _batcher = new CallBatcher<Guid, Run?>(Execute);
    }

    /// <returns>The run, an instance of its own for each call; null when it does not exist.</returns>
    public Task<Run?> Read(Guid id, CancellationToken cancellationToken) =>
        _batcher.Execute(id, characterCount: 0, cancellationToken);

    /// <inheritdoc cref="CallBatcher{TArgument,TResult}.Gather"/>
    public IDisposable Gather() => _batcher.Gather();

    private async Task Execute(IReadOnlyList<BatchedCall<Guid, Run?>> batch)
    {
        foreach (var calls in SplitRepeatedIds(batch))
        {
            var runs = (await Find([.. calls.Keys])).ToDictionary(run => run.Id);
            foreach (var (id, call) in calls)
            {
                call.Complete(runs.GetValueOrDefault(id));
            }
        }
    }

    private Task<List<Run>> Find(List<Guid> ids)
    {
        var filter = ids.Count == 1 ? MongoFilters.ById(ids[0]) : MongoFilters.ByIds(ids);
        return _runs.Find(filter, new FindOptions { BatchSize = ids.Count + 1 }).ToListAsync();
    }

    // Callers change the runs that they read.
    private static IEnumerable<Dictionary<Guid, BatchedCall<Guid, Run?>>> SplitRepeatedIds(IReadOnlyList<BatchedCall<Guid, Run?>> batch)
    {
        for (var rest = batch; rest.Count > 0;)
        {
            var calls = new Dictionary<Guid, BatchedCall<Guid, Run?>>();
            rest = [.. rest.Where(call => !calls.TryAdd(call.Argument, call))];
            yield return calls;
        }
    }
}
