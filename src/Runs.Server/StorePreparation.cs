using Runs.Store;

namespace Runs.Server;

/// <summary>
/// Makes the store's indexes before traffic, and goes on trying for as long as that fails, whatever the reason: rights that are granted a moment later and an index that an
/// operator has to drop look the same from here. The process is not ready until it has succeeded. What only lists need is made afterwards.
/// </summary>
internal sealed partial class StorePreparation(IRunStore store, TimeProvider clock, ILogger<StorePreparation> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private Task _rest = Task.CompletedTask;

    /// <summary>Whether the store has the indexes without which there is no service.</summary>
    public static bool IsDone(IEnumerable<IHostedService> services) => services.OfType<StorePreparation>().All(preparation => preparation._done);

    private volatile bool _done;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var failures = await TryPrepare(0, cancellationToken) ? 0 : 1;
        _rest = PrepareRest(failures, _stopping.Token);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task PrepareRest(int failures, CancellationToken stopping)
    {
        for (; !_done; failures++)
        {
            await Task.Delay(PauseAfter(failures), clock, stopping);
            await TryPrepare(failures, stopping);
        }

        for (failures = 0; !await Try(store.PrepareLists, "indexes of lists", failures, stopping); failures++)
        {
            await Task.Delay(PauseAfter(failures), clock, stopping);
        }
    }

    private async Task<bool> TryPrepare(int failures, CancellationToken cancellationToken) =>
        _done = await Try(store.Prepare, "indexes", failures, cancellationToken);

    private async Task<bool> Try(Func<CancellationToken, Task> prepare, string what, int failures, CancellationToken cancellationToken)
    {
        try
        {
            await prepare(cancellationToken);
            if (failures > 0)
            {
                LogPrepared(what, failures);
            }

            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailure(failure is StoreUnavailableException ? LogLevel.Warning : LogLevel.Error, failure, what);
            return false;
        }
    }

    private static TimeSpan PauseAfter(int failures) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10) - 1)));

    [LoggerMessage(EventId = 1, Message = "The store's {What} are not made yet; that is tried again")]
    private partial void LogFailure(LogLevel level, Exception failure, string what);

    [LoggerMessage(LogLevel.Information, "The store's {What} are made, after {Failures} failures")]
    private partial void LogPrepared(string what, int failures);
}
