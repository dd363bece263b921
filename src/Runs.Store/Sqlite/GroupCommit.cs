using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Runs.Store.Sqlite;

/// <summary>
/// The one writer. It takes every write that waits into one transaction, so that callers at the same time share one flush to the disk, and answers
/// each when the transaction is on the disk. A lone caller waits for nobody. A write that fails by itself fails alone; when the file fails, the
/// whole transaction is undone and each of its writes is told that the store is unavailable.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    // Bounds how long the first write of a transaction waits for the last.
    private const int MostWrites = 256;

    private readonly BlockingCollection<Write> _queue = [];
    // A process that has just committed can write.
    private static readonly TimeSpan ProofLasts = TimeSpan.FromSeconds(2);

    private readonly string _file;
    private readonly Action _forgetReaders;
    private readonly Thread _writer;
    private readonly StoreAvailability _availability;
    private RunTable? _table;
    private bool _wasOpen;
    private long _committedAt = long.MinValue;
    private volatile bool _isFull;

    /// <param name="file">The database.</param>
    /// <param name="availability">Is told of failures.</param>
    /// <param name="forgetReaders">Closes the connections of readers: after a failure the file may be another one.</param>
    public GroupCommit(string file, StoreAvailability availability, Action forgetReaders)
    {
        (_file, _availability, _forgetReaders) = (file, availability, forgetReaders);
        _writer = new Thread(CommitQueued) { IsBackground = true, Name = "SQLite writer" };
        _writer.Start();
    }

    /// <summary>Does <paramref name="work"/> in a transaction and returns when it is durable. Cancelled while it waits, it is not begun.</summary>
    public async Task<T> Run<T>(Func<RunTable, T> work, CancellationToken cancellationToken)
    {
        var write = new Write<T>(work, cancellationToken);
        try
        {
            _queue.Add(write, cancellationToken);
        }
        catch (InvalidOperationException closed)
        {
            throw new StoreUnavailableException("The store is closed.", closed);
        }

        return await write.Result.WaitAsync(cancellationToken);
    }

    /// <summary>Returns when the file takes writes: a moment ago, or now.</summary>
    public async Task Probe(CancellationToken cancellationToken)
    {
        if (_isFull)
        {
            await Run(
                table =>
                {
                    DatabaseFile.ThrowIfFull(_file);
                    _isFull = false;
                    return table.Touch();
                },
                cancellationToken);
        }
        else if (Interlocked.Read(ref _committedAt) is var committed && (committed == long.MinValue || Stopwatch.GetElapsedTime(committed) > ProofLasts))
        {
            await Run(table => table.Touch(), cancellationToken);
        }
    }

    /// <summary>Finishes the writes that wait.</summary>
    public void Dispose()
    {
        // The queue itself is left to the collector: somebody may be adding to it.
        _queue.CompleteAdding();
        _writer.Join();
    }

    private void CommitQueued()
    {
        var batch = new List<Write>(MostWrites);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MostWrites && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }

            Commit(batch);
            batch.Clear();
        }

        _table?.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "What goes wrong here is told to every caller of the batch; the writer lives on.")]
    private void Commit(List<Write> batch)
    {
        var committing = false;
        try
        {
            Open();
            foreach (var write in batch)
            {
                write.Execute(_table);
            }

            committing = true;
            _table.Commit();
            if (_table.HasMoved)
            {
                throw DatabaseFile.Moved(); // nothing that went into a file which is gone is acknowledged
            }

            _wasOpen = true;
            Interlocked.Exchange(ref _committedAt, Stopwatch.GetTimestamp());
        }
        catch (Exception trouble)
        {
            Close();
            _isFull |= SqliteTrouble.IsFull(trouble);
            Interlocked.Exchange(ref _committedAt, long.MinValue);
            var told = SqliteTrouble.Passes(trouble)
                ? SqliteTrouble.Unavailable(_file, trouble, nothingWritten: !committing || SqliteTrouble.IsFull(trouble))
                : trouble;
            _availability.ReportFailure();
            batch.ForEach(write => write.Fail(told));
            return;
        }

        batch.ForEach(write => write.Confirm());
    }

    // Begins a transaction in the file that is at the path now.
    [MemberNotNull(nameof(_table))]
    private void Open()
    {
        if (_table is { HasMoved: true })
        {
            Close();
        }

        if (_table is null)
        {
            // A file that was there is not made anew: an empty store would deny every run that was ever acknowledged.
            _table = RunTable.Open(_file, create: !_wasOpen);
            _table.Begin();
            _table.Prepare();
        }
        else
        {
            _table.Begin();
        }
    }

    // Undoes what is uncommitted. The next transaction opens the file afresh.
    private void Close()
    {
        _table?.Dispose();
        _table = null;
        _forgetReaders();
    }

    private abstract class Write
    {
        /// <summary>Does the work. Throws only what concerns the whole transaction.</summary>
        public abstract void Execute(RunTable table);

        public abstract void Confirm();

        public abstract void Fail(Exception trouble);
    }

    private sealed class Write<T>(Func<RunTable, T> work, CancellationToken cancellationToken) : Write
    {
        // Callers go on elsewhere, not on the writer's thread.
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _done;

        public Task<T> Result => _result.Task;

        [SuppressMessage("Design", "CA1031", Justification = "What one write does wrong is told to its caller.")]
        public override void Execute(RunTable table)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _result.TrySetCanceled(cancellationToken);
                return;
            }

            try
            {
                _done = work(table);
            }
            catch (Exception trouble) when (!SqliteTrouble.Passes(trouble))
            {
                // A statement that fails undoes itself and nothing else.
                _result.TrySetException(trouble);
            }
        }

        public override void Confirm() => _result.TrySetResult(_done!);

        public override void Fail(Exception trouble) => _result.TrySetException(trouble);
    }
}
