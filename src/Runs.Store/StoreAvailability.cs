using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Runs.Store;

/// <summary>
/// Whether the store answers, as far as this process knows. A call that succeeds costs nothing here: only failures are reported. Whether a failure was that of one call or of the
/// store is found by asking the store, at once after a report and every few seconds anyway.
/// </summary>
public sealed class StoreAvailability
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _available = NewSource();
    private TaskCompletionSource _report = NewSource();
    private volatile Exception? _lastFailure;

    /// <summary>Available until something else is known.</summary>
    public StoreAvailability() => _available.SetResult();

    /// <summary>False while the store is known not to answer.</summary>
    public bool IsAvailable => _lastFailure is null;

    /// <summary>Why the store is not available; null while it is.</summary>
    public Exception? LastFailure => _lastFailure;

    /// <summary>Returns at once while the store is available, and otherwise as soon as it is again.</summary>
    public Task WaitUntilAvailable(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _available.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Tells that a call of the store failed or was not answered in time, so that the store is asked at once. Never waits.</summary>
    public void ReportFailure()
    {
        lock (_lock)
        {
            _report.TrySetResult();
        }
    }

    /// <summary>Completes when a failure is reported after this call.</summary>
    internal Task NextReport()
    {
        lock (_lock)
        {
            if (_report.Task.IsCompleted)
            {
                _report = NewSource();
            }

            return _report.Task;
        }
    }

    /// <returns>Whether this is news.</returns>
    internal bool SetAvailable()
    {
        lock (_lock)
        {
            _lastFailure = null;
            return _available.TrySetResult();
        }
    }

    /// <returns>Whether this is news.</returns>
    internal bool SetUnavailable(Exception failure)
    {
        lock (_lock)
        {
            _lastFailure = failure;
            if (!_available.Task.IsCompleted)
            {
                return false;
            }

            _available = NewSource();
            return true;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Adds what every store has beside it.</summary>
internal static class StoreRegistration
{
    public static IServiceCollection AddStoreAvailability(this IServiceCollection services)
    {
        services.TryAddSingleton<StoreAvailability>();
        return services.AddHostedService<StoreProbe>();
    }
}
