using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Inserts of callers at the same time in one call of the database: it flushes its journal once for all of them, and each is told what became of its own. A lone caller
/// waits for nobody: only while calls are under way do others gather for the next one.
/// </summary>
internal sealed class GroupInsert(IMongoCollection<Run> runs)
{
    // One call on its way while the database works on the other.
    private const int MostCalls = 2;

    // Bounds how long the first of a group waits for the last, and how large a message is.
    private const int MostRuns = 128;
    private const long MostCharacters = 4 * 1024 * 1024;

    private static readonly InsertManyOptions Unordered = new() { IsOrdered = false };

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _calls;

    /// <returns>False when the id is taken.</returns>
    public Task<bool> Insert(Run run, long characters, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        var waiting = new Waiting(run, characters, cancellationToken);
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_calls == MostCalls)
            {
                return waiting.Inserted.WaitAsync(cancellationToken);
            }

            _calls++;
        }

        _ = InsertWaiting();
        return waiting.Inserted.WaitAsync(cancellationToken);
    }

    private async Task InsertWaiting()
    {
        while (Next() is { Count: > 0 } group)
        {
            try
            {
                await runs.InsertManyAsync(group.Select(waiting => waiting.Run), Unordered);
                group.ForEach(waiting => waiting.Tell(true));
            }
            catch (MongoBulkWriteException<Run> some) when (some.WriteConcernError is null)
            {
                TellEach(group, some);
            }
            catch (Exception trouble) when (group.Count == 1 || MongoTrouble.Passes(trouble))
            {
                group.ForEach(waiting => waiting.Fail(trouble));
            }
            catch (Exception)
            {
                await InsertOneByOne(group); // one that cannot be written does not fail the others
            }
        }
    }

    private async Task InsertOneByOne(List<Waiting> group)
    {
        foreach (var waiting in group)
        {
            try
            {
                await runs.InsertOneAsync(waiting.Run);
                waiting.Tell(true);
            }
            catch (MongoWriteException taken) when (taken is { WriteError.Category: ServerErrorCategory.DuplicateKey, WriteConcernError: null })
            {
                waiting.Tell(false);
            }
            catch (Exception trouble)
            {
                waiting.Fail(trouble);
            }
        }
    }

    private static void TellEach(List<Waiting> group, MongoBulkWriteException<Run> some)
    {
        var errors = some.WriteErrors.ToDictionary(error => error.Index);
        for (var i = 0; i < group.Count; i++)
        {
            if (!errors.TryGetValue(i, out var error))
            {
                group[i].Tell(true);
            }
            else if (error.Category == ServerErrorCategory.DuplicateKey)
            {
                // The driver repeats a write whose answer was lost. A server without retryable writes may then call its own first try a duplicate: the
                // caller reads the run and finds what it wanted to insert.
                group[i].Tell(false);
            }
            else
            {
                group[i].Fail(new MongoBulkWriteException<Run>(some.ConnectionId, some.Result, [error], null, []));
            }
        }
    }

    // Empty, and one call less, when nobody waits.
    private List<Waiting> Next()
    {
        var group = new List<Waiting>();
        var characters = 0L;
        lock (_lock)
        {
            while (group.Count < MostRuns && characters < MostCharacters && _waiting.TryDequeue(out var waiting))
            {
                if (!waiting.IsGone)
                {
                    characters += waiting.Characters;
                    group.Add(waiting);
                }
            }

            if (group.Count == 0)
            {
                _calls--;
            }
        }

        return group;
    }

    private sealed class Waiting(Run run, long characters, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<bool> _inserted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Run Run => run;

        public long Characters => characters;

        public Task<bool> Inserted => _inserted.Task;

        /// <summary>Whether the caller has given up before anything was sent.</summary>
        public bool IsGone => cancellationToken.IsCancellationRequested;

        public void Tell(bool inserted) => _inserted.TrySetResult(inserted);

        public void Fail(Exception trouble) => _inserted.TrySetException(trouble);
    }
}
