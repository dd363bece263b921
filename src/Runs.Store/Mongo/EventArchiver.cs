using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Store.Mongo;

/// <summary>
/// Archives events from the documents of their runs to <c>run_events</c>, shortly after they were recorded, in batches
/// of many appends. Sweeps for events that a crash has orphaned. Correctness does not depend on it: it only keeps the
/// documents small, and an append waits for it only when <see cref="ArchiveQueue"/> is full. Any number of processes
/// may run it.
/// </summary>
internal sealed partial class EventArchiver(
    MongoRunStore store, MongoExceptionTranslator exceptionTranslator, TimeProvider clock, ILogger<EventArchiver> logger)
    : BackgroundService
{
    private const int BatchSize = 200;
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    // Long enough to archive the events of a burst together, short enough for operators who look into the database.
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ArchiveQueued(stoppingToken), ArchiveOrphaned(stoppingToken));

    private async Task ArchiveQueued(CancellationToken stopping)
    {
        var archivedCount = 0;
        while (true)
        {
            await store.ArchiveQueue.WaitForEvents(stopping);
            if (archivedCount < BatchSize)
            {
                await Task.Delay(BatchDelay, clock, stopping);
            }

            var batch = store.ArchiveQueue.Take(BatchSize, MaxBatchBytes);
            try
            {
                await TryArchive(batch.Runs, stopping);
            }
            finally
            {
                store.ArchiveQueue.Release(batch);
            }

            archivedCount = batch.Bytes.Sum() >= MaxBatchBytes ? BatchSize : batch.Runs.Count;
        }
    }

    private async Task ArchiveOrphaned(CancellationToken stopping)
    {
        var orphans = new OrphanDetector(clock, SweepInterval);
        using var timer = new PeriodicTimer(SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                await Sweep(orphans, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                HandleFailure(exception);
            }
        }
    }

    private async Task Sweep(OrphanDetector orphans, CancellationToken stopping)
    {
        orphans.BeginSweep();
        IReadOnlyList<Run> page = [];
        do
        {
            page = await store.EventArchive.ListRunsWithEvents(page is [.., var last] ? last : null, BatchSize, stopping);
            var orphaned = page.Where(run => orphans.IsOrphaned(run.Id, run.LatestEventId)).Select(run => run.Id).ToHashSet();
            while (orphaned.Count > 0
                && await store.EventArchive.ReadRunsWithEvents(orphaned, MaxBatchBytes / sizeof(char), stopping) is { Count: > 0 } runs)
            {
                await TryArchive(runs, stopping);
                orphaned.ExceptWith(runs.Select(run => run.Id));
            }
        }
        while (page.Count == BatchSize);
        orphans.CompleteSweep();
    }

    // Events that could not be archived stay in the run's document. Readers find them there, and so does the next
    // sweep.
    private async Task TryArchive(IReadOnlyCollection<Run> runs, CancellationToken stopping)
    {
        try
        {
            if (runs.Count > 0)
            {
                await store.EventArchive.Archive(runs, stopping);
            }
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            HandleFailure(exception);
        }
    }

    private void HandleFailure(Exception exception) =>
        LogArchivingFailed(exceptionTranslator.TryTranslate(exception) ?? exception);

    [LoggerMessage(LogLevel.Warning, "Archiving run events failed; will retry")]
    private partial void LogArchivingFailed(Exception exception);
}
