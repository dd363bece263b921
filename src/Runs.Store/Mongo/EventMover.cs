using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Store.Mongo;

/// <summary>
/// Puts events from their runs' documents where the log is, shortly after they were recorded, those of many appends at once, and finds what a crash left behind.
/// Nothing waits for it and nothing depends on it but the size of documents. Any number of processes may do it.
/// </summary>
internal sealed partial class EventMover(MongoRunStore store, TimeProvider clock, ILogger<EventMover> logger) : BackgroundService
{
    private const int BatchSize = 200;

    // Long enough for the events of a burst to be moved together, short enough for people who look into the database.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(MoveRecorded(stoppingToken), MoveLeftBehind(stoppingToken));

    private async Task MoveRecorded(CancellationToken stopping)
    {
        var moved = 0;
        while (await store.Recorded.WaitToReadAsync(stopping))
        {
            if (moved < BatchSize)
            {
                await Task.Delay(Pace, clock, stopping);
            }

            var runs = Drain(store.Recorded);
            await Move(runs, stopping);
            moved = runs.Count;
        }
    }

    private async Task MoveLeftBehind(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                IReadOnlyList<Run> left;
                do
                {
                    left = await store.WithRecentEvents(clock.GetUtcNow() - SweepInterval, BatchSize, stopping);
                }
                while (await Move(left, stopping) && left.Count == BatchSize);
            }
            catch (Exception trouble) when (!stopping.IsCancellationRequested)
            {
                LogTrouble(trouble.Message);
            }
        }
    }

    /// <returns>False when something was not moved. It stays where it is, is read there, and is found again.</returns>
    private async Task<bool> Move(IReadOnlyCollection<Run> runs, CancellationToken stopping)
    {
        try
        {
            if (runs.Count > 0)
            {
                await store.Move(runs, stopping);
            }

            return true;
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogTrouble(trouble.Message);
            return false;
        }
    }

    // What was recorded last of a run holds whatever was not moved by then.
    private static Dictionary<Guid, Run>.ValueCollection Drain(ChannelReader<Run> recorded)
    {
        var runs = new Dictionary<Guid, Run>();
        while (runs.Count < BatchSize && recorded.TryRead(out var run))
        {
            if (!runs.TryGetValue(run.Id, out var other) || other.LatestEventId < run.LatestEventId)
            {
                runs[run.Id] = run;
            }
        }

        return runs.Values;
    }

    [LoggerMessage(LogLevel.Warning, "Events could not be moved; that is tried again: {Trouble}")]
    private partial void LogTrouble(string trouble);
}
