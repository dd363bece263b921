using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Batches concurrent reads of whole runs into one <c>find</c>.</summary>
internal sealed class BatchedReader
{
    // The size of a run is unknown before the read. Small batches, and more than two at a time, so that a small run
    // does not wait for many large ones.
    private const int MaxConcurrentBatches = 4;
    private const int MaxCallsPerBatch = 16;

    private static readonly TimeSpan MaxSlotTime = TimeSpan.FromMilliseconds(250);

    private readonly IMongoCollection<Run> _runs;
    private readonly CallBatcher<Guid, Run?> _batcher;

    public BatchedReader(IMongoCollection<Run> runs)
    {
        _runs = runs;
        _batcher = new CallBatcher<Guid, Run?>(Execute, TimeProvider.System, MaxSlotTime, MaxConcurrentBatches, MaxCallsPerBatch);
    }

    /// <returns>The run, or null when it does not exist. No other call gets the same instance.</returns>
    public Task<Run?> Read(Guid id, CancellationToken cancellationToken) =>
        _batcher.Execute(id, characterCount: 0, cancellationToken);

    /// <inheritdoc cref="CallBatcher{TArgument,TResult}.Gather"/>
    public IDisposable Gather() => _batcher.Gather();

    private Task Execute(IReadOnlyList<BatchedCall<Guid, Run?>> batch) => Task.WhenAll(SplitRepeatedIds(batch).Select(Execute));

    private async Task Execute(Dictionary<Guid, BatchedCall<Guid, Run?>> calls)
    {
        var filter = calls.Count == 1 ? MongoFilters.ById(calls.Keys.Single()) : MongoFilters.ByIds(calls.Keys);
        await _runs
            .Find(filter, new FindOptions { BatchSize = calls.Count + 1 })
            .ForEachAsync(run => calls[run.Id].Complete(run));
        foreach (var call in calls.Values)
        {
            call.Complete(null); // no effect on those that were found
        }
    }

    // Callers change the runs that they read, so two calls for one run need two instances: it is read again.
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
