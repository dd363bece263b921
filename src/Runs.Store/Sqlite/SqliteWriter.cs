using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// The one writer of a database: takes all writes that wait at the moment into one transaction, so that many callers share one sync to the disk and a
/// lone caller waits for nobody. Each gets the result of its own write, and gets it only after the commit.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxBatch = 512;

    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<SqliteConnection> _open;
    private readonly Task _loop;

    public SqliteWriter(Func<SqliteConnection> open)
    {
        _open = open;
        _loop = Task.Run(Loop);
    }

    /// <summary>Carries out <paramref name="write"/>; its result is true when it changed something.</summary>
    public async Task<bool> Run(Func<SqliteConnection, bool> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queued = new Write(write);
        return _queue.Writer.TryWrite(queued)
            ? await queued.Result.Task
            : throw new StoreUnavailableException("The store has been closed.", null);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task Loop()
    {
        SqliteConnection? connection = null;
        var batch = new List<Write>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            try
            {
                connection ??= _open();
                Commit(connection, batch);
            }
            catch (SqliteException trouble)
            {
                // Nothing of the batch is stored. A new connection leaves behind whatever state the old one was in.
                connection?.Dispose();
                connection = null;
                batch.ForEach(write => write.Result.TrySetException(new StoreUnavailableException(trouble.Message, trouble)));
            }
        }

        connection?.Dispose();
    }

    private static void Commit(SqliteConnection connection, List<Write> batch)
    {
        var changed = new bool[batch.Count];
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                changed[i] = batch[i].Apply(connection);
            }

            transaction.Commit();
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Result.SetResult(changed[i]);
        }
    }

    private sealed record Write(Func<SqliteConnection, bool> Apply)
    {
        public TaskCompletionSource<bool> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
