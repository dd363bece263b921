namespace Runs.Store.Sqlite;

/// <summary>A write that waits for the next transaction of <see cref="SqliteWriter"/>.</summary>
internal abstract class PendingWrite
{
    /// <summary>Executes the work. Throws only exceptions that affect the whole transaction.</summary>
    public abstract void Execute(SqliteRunCommands commands);

    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <summary>A write with a result.</summary>
internal sealed class PendingWrite<T>(Func<SqliteRunCommands, T> work, CancellationToken cancellationToken) : PendingWrite
{
    // Callers must not continue on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    /// <summary>Completes when the transaction is on the disk.</summary>
    public Task<T> Completion => _completion.Task;

    public override void Execute(SqliteRunCommands commands)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _completion.TrySetCanceled(cancellationToken);
            return;
        }

        try
        {
            _result = work(commands);
        }
        catch (Exception exception) when (!SqliteExceptionTranslator.IsTransient(exception))
        {
            // SQLite rolls back only the failed statement, not the transaction.
            _completion.TrySetException(exception);
        }
    }

    public override void Complete() => _completion.TrySetResult(_result!);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
