using Runs.Store;

namespace Runs.Server;

/// <summary>
/// Makes the store's indexes before traffic. A store that is away when the process starts is waited for in the background, and the process is not
/// ready until it has answered.
/// </summary>
internal sealed partial class StorePreparation(IRunStore store, TimeProvider clock, ILogger<StorePreparation> logger) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _retries = Task.CompletedTask;

    /// <summary>Whether the store has its indexes.</summary>
    public static bool IsDone(IEnumerable<IHostedService> services) => services.OfType<StorePreparation>().All(preparation => preparation._done);

    private volatile bool _done;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!await TryPrepare(cancellationToken))
        {
            _retries = Retry(_stopping.Token);
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _retries.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task Retry(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        while (await timer.WaitForNextTickAsync(stopping) && !await TryPrepare(stopping))
        {
        }
    }

    private async Task<bool> TryPrepare(CancellationToken cancellationToken)
    {
        try
        {
            await store.Prepare(cancellationToken);
            return _done = true;
        }
        catch (StoreUnavailableException trouble)
        {
            LogStoreAway(trouble.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store is away; not ready until it answers: {Trouble}")]
    private partial void LogStoreAway(string trouble);
}
