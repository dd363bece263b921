namespace Runs.Benchmarks.Load;

/// <summary>
/// Bounds a wait for a server, so that a server that no longer answers ends a measurement with an error.
/// </summary>
internal static class TimeLimit
{
    /// <summary>Runs an operation, and cancels it when the time is over.</summary>
    /// <param name="limit">The time.</param>
    /// <param name="description">What the operation does; a part of the error message.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimeoutException">The operation took longer than the limit.</exception>
    public static async Task<T> Run<T>(
        TimeSpan limit,
        string description,
        Func<CancellationToken, Task<T>> operation,
        CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            return await operation(timeout.Token);
        }
        catch (OperationCanceledException exception)
            when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{description} has not ended within {limit}.", exception);
        }
    }
}
