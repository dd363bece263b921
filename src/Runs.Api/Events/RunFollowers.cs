using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Tells whoever waits for a run in this process that it has changed. One reader for each run, however many wait for it. News come from the appends of this process,
/// from the notices of others, and, because a notice may be lost, from a look at the stamps of all followed runs every second: that costs one round trip for a
/// thousand of them.
/// </summary>
internal sealed partial class RunFollowers(
    IRunStore store, EventNotices notices, TimeProvider clock, IOptions<ApiOptions> options, ILogger<RunFollowers> logger) : BackgroundService
{
    private const int MostStamps = 1000;

    private readonly ConcurrentDictionary<Guid, FollowedRun> _followed = new();

    /// <summary>Begins to follow a run; null when there is none. Dispose of it when done.</summary>
    public async Task<FollowedRun.Follower?> Follow(Guid run, CancellationToken cancellationToken)
    {
        while (true)
        {
            var followed = _followed.GetOrAdd(run, id => new FollowedRun(id, store, Forget));
            if (followed.TryJoin() is { } follower)
            {
                try
                {
                    await followed.Refresh().WaitAsync(cancellationToken);
                    if (followed.HasView)
                    {
                        return follower;
                    }
                }
                catch
                {
                    follower.Dispose();
                    throw;
                }

                follower.Dispose();
                return null;
            }
        }
    }

    /// <summary>Says that the log of <paramref name="run"/> has grown, here and to every other process. Never waits.</summary>
    public void Tell(Run run)
    {
        Hear(run.Id);
        notices.Publish(run);
    }

    /// <summary>Hears that a run may have changed.</summary>
    public void Hear(Guid run)
    {
        if (_followed.TryGetValue(run, out var followed))
        {
            _ = LookAt(followed);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CatchUpInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var some in _followed.Values.Chunk(MostStamps))
            {
                await CatchUp(some, stoppingToken);
            }
        }
    }

    private async Task CatchUp(FollowedRun[] followed, CancellationToken stopping)
    {
        try
        {
            var stamps = await store.Stamps([.. followed.Select(run => run.Id)], stopping);
            await Task.WhenAll(followed.Where(run => stamps.TryGetValue(run.Id, out var stamp) && run.IsBehind(stamp)).Select(LookAt));
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogStoreAway(trouble);
        }
    }

    private async Task LookAt(FollowedRun followed)
    {
        try
        {
            await followed.Refresh();
        }
        catch (Exception trouble)
        {
            LogStoreAway(trouble); // the next look finds what this one did not
        }
    }

    private void Forget(FollowedRun followed) => _followed.TryRemove(KeyValuePair.Create(followed.Id, followed));

    [LoggerMessage(LogLevel.Warning, "Followed runs could not be read; that is tried again")]
    private partial void LogStoreAway(Exception trouble);
}
