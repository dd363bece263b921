using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Notifies callers that one of many runs has changed. Unlike <see cref="RunSubscriptions"/>, it does not read the
/// runs, and appends do not count. Changes are detected by the notifications of the lifecycle role, and, because these
/// may be lost, by polling the versions of all watched runs every second
/// (<see cref="ApiOptions.ChangePollingInterval"/>).
/// </summary>
internal sealed partial class RunWatcher(
    IRunStore store, TimeProvider clock, IOptions<ApiOptions> options, ILogger<RunWatcher> logger) : BackgroundService
{
    private const int MaxVersionsPerRead = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, HashSet<RunWatch>> _watches = [];

    /// <summary>Watches runs from the versions that were read. Dispose of the watch when done.</summary>
    public RunWatch Watch(IReadOnlyList<Run> runs)
    {
        var watch = new RunWatch(runs.ToDictionary(run => run.Id, run => run.Version), Remove);
        lock (_lock)
        {
            foreach (var run in runs)
            {
                if (!_watches.TryGetValue(run.Id, out var watches))
                {
                    _watches.Add(run.Id, watches = []);
                }

                watches.Add(watch);
            }
        }

        return watch;
    }

    /// <summary>Reports that a run may have changed.</summary>
    public void NotifyChanged(Guid id)
    {
        foreach (var watch in Find(id))
        {
            watch.SetChanged();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ChangePollingInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var ids in GetWatchedIds().Chunk(MaxVersionsPerRead))
            {
                await PollVersions(ids, stoppingToken);
            }
        }
    }

    private async Task PollVersions(Guid[] ids, CancellationToken stoppingToken)
    {
        try
        {
            foreach (var (id, version) in await store.GetVersions(ids, stoppingToken))
            {
                foreach (var watch in Find(id).Where(watch => watch.Versions[id] != version.Version))
                {
                    watch.SetChanged();
                }
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogPollFailed(exception); // the next poll finds the change
        }
    }

    private Guid[] GetWatchedIds()
    {
        lock (_lock)
        {
            return [.. _watches.Keys];
        }
    }

    private RunWatch[] Find(Guid id)
    {
        lock (_lock)
        {
            return _watches.TryGetValue(id, out var watches) ? [.. watches] : [];
        }
    }

    private void Remove(RunWatch watch)
    {
        lock (_lock)
        {
            foreach (var id in watch.Versions.Keys)
            {
                if (_watches.TryGetValue(id, out var watches) && watches.Remove(watch) && watches.Count == 0)
                {
                    _watches.Remove(id);
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to read the versions of watched runs; will retry")]
    private partial void LogPollFailed(Exception exception);
}
