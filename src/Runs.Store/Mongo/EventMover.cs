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
        using var timer = new PeriodicTimer(SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                IReadOnlyList<Run> left;
                do
                {
                    left = await store.WithRecentEvents(clock.GetUtcNow() - SweepInterval, BatchSize, BatchBytes / sizeof(char), stopping);
                }
                while (await Move(left, stopping) && left.Count > 0);
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

    [LoggerMessage(LogLevel.Warning, "Events could not be moved; that is tried again: {Trouble}")]
    private partial void LogTrouble(string trouble);
}
