namespace Runs.Store;

/// <summary>
/// Tracks whether the store is available to this process. Only failed calls are reported, so successful calls have no
/// overhead. <see cref="StoreMonitor"/> pings the store immediately after a reported failure, and every few seconds
/// otherwise, to find out whether one call or the store failed.
/// </summary>
public sealed class StoreAvailability
{
    private readonly Lock _lock = new();
    private volatile TaskCompletionSource _available = CreateSignal(); // completed while the store is available
    private TaskCompletionSource<Exception> _failureReported = CreateSignal<Exception>();

    /// <summary>Creates an instance that is available until the first probe fails.</summary>
    public StoreAvailability() => _available.SetResult();

    /// <summary>False while the store is known to be unavailable.</summary>
    public bool IsAvailable => _available.Task.IsCompleted;

    /// <summary>
    /// Completes at once while the store is available, and otherwise as soon as it becomes available.
    /// </summary>
    public Task WaitUntilAvailable(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _available.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Reports that a store call failed or timed out, so that the store is probed at once. Never blocks.
    /// </summary>
    public void ReportFailure(Exception exception)
    {
        lock (_lock)
        {
            _failureReported.TrySetResult(exception);
        }
    }

    /// <summary>Completes with the first failure that is reported after this call.</summary>
    internal Task<Exception> WaitForFailureReport()
    {
        lock (_lock)
        {
            if (_failureReported.Task.IsCompleted)
            {
                _failureReported = CreateSignal<Exception>();
            }

            return _failureReported.Task;
        }
    }

    /// <returns>True when the store was unavailable before.</returns>
    internal bool SetAvailable()
    {
        lock (_lock)
        {
            return _available.TrySetResult();
        }
    }

    /// <returns>True when the store was available before.</returns>
    internal bool SetUnavailable()
    {
        lock (_lock)
        {
            if (!_available.Task.IsCompleted)
            {
                return false;
            }

            _available = CreateSignal();
            return true;
        }
    }

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<T> CreateSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
