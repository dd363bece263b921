using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Runs.Store.Sqlite;

/// <summary>
/// The single writer. It batches all pending writes into one transaction, so that concurrent callers share one flush to
/// the disk. Each write completes when the transaction is on the disk. A single caller does not wait for others. A
/// write that is invalid fails alone. When the file fails, the whole transaction is rolled back, and each of its writes
/// throws the failure.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    // Bounds how long the first write of a transaction waits for the last.
    private const int MaxWritesPerTransaction = 256;

    // A commit within this time proves that the file is writable.
    private static readonly TimeSpan RecentCommitWindow = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<PendingWrite> _queue = [];
    private readonly string _file;
    private readonly Action _closeReaders;
    private readonly Thread _thread;
    private SqliteRunCommands? _commands;
    private bool _hasBeenOpened;
    private long _lastCommitAt = long.MinValue;
    private volatile bool _isDiskFull;

    /// <param name="file">The database file.</param>
    /// <param name="closeReaders">
    /// Closes the connections of readers, because after a failure the path may refer to another file.
    /// </param>
    public SqliteWriter(string file, Action closeReaders)
    {
        (_file, _closeReaders) = (file, closeReaders);
        _thread = new Thread(ProcessQueue) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <summary>
    /// Executes <paramref name="work"/> in a transaction and returns when it is durable. Work that is cancelled while
    /// it is queued is not executed.
    /// </summary>
    public async Task<T> Execute<T>(Func<SqliteRunCommands, T> work, CancellationToken cancellationToken)
    {
        var write = new PendingWrite<T>(work, cancellationToken);
        try
        {
            _queue.Add(write, cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw new StoreUnavailableException("The store is closed.", exception);
        }

        return await write.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Returns when the file is writable: it was written recently, or a test write succeeds now.</summary>
    public async Task Ping(CancellationToken cancellationToken)
    {
        if (_isDiskFull)
        {
            await Execute(
                commands =>
                {
                    DatabaseFile.ThrowIfDiskFull(_file);
                    _isDiskFull = false;
                    return commands.Touch();
                },
                cancellationToken);
            return;
        }

        var lastCommitAt = Interlocked.Read(ref _lastCommitAt);
        if (lastCommitAt == long.MinValue || Stopwatch.GetElapsedTime(lastCommitAt) > RecentCommitWindow)
        {
            await Execute(commands => commands.Touch(), cancellationToken);
        }
    }

    /// <summary>Completes the pending writes and stops the writer thread.</summary>
    public void Dispose()
    {
        // The queue is not disposed, because another thread may be adding to it.
        _queue.CompleteAdding();
        _thread.Join();
    }

    private void ProcessQueue()
    {
        var batch = new List<PendingWrite>(MaxWritesPerTransaction);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MaxWritesPerTransaction && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }

            Write(batch);
            batch.Clear();
        }

        _commands?.Dispose();
    }

    private void Write(List<PendingWrite> batch)
    {
        try
        {
            BeginTransaction();
            foreach (var write in batch)
            {
                write.Execute(_commands);
            }

            Commit(_commands);
        }
        catch (Exception exception)
        {
            Close();
            _isDiskFull |= SqliteExceptionTranslator.IsDiskFull(exception);
            Interlocked.Exchange(ref _lastCommitAt, long.MinValue);
            batch.ForEach(write => write.Fail(exception));
            return;
        }

        batch.ForEach(write => write.Complete());
    }

    // Begins a transaction in the file that is currently at the path.
    [MemberNotNull(nameof(_commands))]
    private void BeginTransaction()
    {
        if (_commands is { HasMoved: true })
        {
            Close();
        }

        if (_commands is null)
        {
            // A file that existed is not created again: an empty store would not know any of the acknowledged runs.
            _commands = SqliteRunCommands.Open(_file, create: !_hasBeenOpened);
            _commands.Begin();
            _commands.Migrate();
        }
        else
        {
            _commands.Begin();
        }
    }

    private void Commit(SqliteRunCommands commands)
    {
        try
        {
            commands.Commit();
            if (commands.HasMoved)
            {
                throw DatabaseFile.CreateMovedException(); // a write to a removed file must not be acknowledged
            }
        }
        catch (Exception exception)
            when (SqliteExceptionTranslator.IsTransient(exception) && !SqliteExceptionTranslator.IsDiskFull(exception))
        {
            throw new SqliteCommitException(exception);
        }

        _hasBeenOpened = true;
        Interlocked.Exchange(ref _lastCommitAt, Stopwatch.GetTimestamp());
    }

    // Rolls back an uncommitted transaction. The next transaction opens the file again.
    private void Close()
    {
        _commands?.Dispose();
        _commands = null;
        _closeReaders();
    }
}
