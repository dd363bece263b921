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
    private const long BatchBytes = 8 * 1024 * 1024;

    // Long enough for the events of a burst to be moved together, short enough for people who look into the database.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(MoveRecorded(stoppingToken), MoveLeftBehind(stoppingToken));

    private async Task MoveRecorded(CancellationToken stopping)
    {
        var moved = 0;
        while (true)
        {
            await store.ToArchive.WaitForEvents(stopping);
            if (moved < BatchSize)
            {
                await Task.Delay(Pace, clock, stopping);
            }

            var batch = store.ToArchive.Take(BatchSize, BatchBytes);
            try
            {
                await Move(batch.Runs, stopping);
            }
            finally
            {
                store.ToArchive.Release(batch);
            }

            moved = batch.Bytes.Sum() >= BatchBytes ? BatchSize : batch.Runs.Count;
        }
    }

    private async Task MoveLeftBehind(CancellationToken stopping)
    {
        var history = new SweepHistory(clock, SweepInterval);
        using var timer = new PeriodicTimer(SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                await Sweep(history, stopping);
            }
            catch (Exception trouble) when (!stopping.IsCancellationRequested)
            {
                LogTrouble(trouble);
            }
        }
    }

    private async Task Sweep(SweepHistory history, CancellationToken stopping)
    {
        history.Begin();
        IReadOnlyList<Run> page = [];
        do
        {
            page = await store.WithRecentEvents(page is [.., var last] ? last : null, BatchSize, stopping);
            var left = page.Where(run => history.IsLeftBehind(run.Id, run.LatestEventId)).Select(run => run.Id).ToHashSet();
            while (left.Count > 0 && await store.RecentEventsOf(left, BatchBytes / sizeof(char), stopping) is { Count: > 0 } held)
            {
                await Move(held, stopping);
                left.ExceptWith(held.Select(run => run.Id));
            }
        }
        while (page.Count == BatchSize);
        history.End();
    }

    // What is not moved stays where it is, is read there, and is found again.
    private async Task Move(IReadOnlyCollection<Run> runs, CancellationToken stopping)
    {
        try
        {
            if (runs.Count > 0)
            {
                await store.Move(runs, stopping);
            }
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            LogTrouble(trouble);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Events could not be moved; that is tried again")]
    private partial void LogTrouble(Exception trouble);
}
