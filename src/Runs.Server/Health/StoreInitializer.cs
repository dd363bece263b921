using Runs.Store;

namespace Runs.Server.Health;

/// <summary>
/// Creates the store's indexes before traffic, and retries without limit after any failure: permissions that are
/// granted a moment later and an index that an operator must drop cannot be distinguished here. The process is not
/// ready until the indexes exist. Indexes that only list operations need are created afterwards.
/// </summary>
internal sealed partial class StoreInitializer(
    IRunStore store, TimeProvider clock, ILogger<StoreInitializer> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan InitialDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private Task _backgroundInitialization = Task.CompletedTask;

    private volatile bool _isInitialized;

    /// <summary>Whether the store has the indexes that the service requires.</summary>
    public bool IsInitialized => _isInitialized;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var failures = await TryInitialize(0, cancellationToken) ? 0 : 1;
        _backgroundInitialization = InitializeInBackground(failures, _stopping.Token);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _backgroundInitialization.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task InitializeInBackground(int failures, CancellationToken stopping)
    {
        for (; !_isInitialized; failures++)
        {
            await Task.Delay(GetDelay(failures - 1), clock, stopping);
            await TryInitialize(failures, stopping);
        }

        for (failures = 0; !await TryStep(store.CreateListIndexes, "list indexes", failures, stopping); failures++)
        {
            await Task.Delay(GetDelay(failures), clock, stopping);
        }
    }

    private async Task<bool> TryInitialize(int failures, CancellationToken cancellationToken)
    {
        var isInitialized = await TryStep(store.Initialize, "indexes", failures, cancellationToken);
        _isInitialized = isInitialized;
        return isInitialized;
    }

    private async Task<bool> TryStep(Func<CancellationToken, Task> step, string what, int failures, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
            if (failures > 0)
            {
                LogInitialized(what, failures);
            }

            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogInitializationFailed(exception is StoreUnavailableException ? LogLevel.Warning : LogLevel.Error, exception, what);
            return false;
        }
    }

    private static TimeSpan GetDelay(int attempt) => JitteredBackoff.GetDelay(attempt, InitialDelay, MaxDelay, minShare: 0.5);

    [LoggerMessage(EventId = 1, Message = "Failed to create the store's {What}; will retry")]
    private partial void LogInitializationFailed(LogLevel level, Exception exception, string what);

    [LoggerMessage(LogLevel.Information, "The store's {What} were created after {Failures} failures")]
    private partial void LogInitialized(string what, int failures);
}
