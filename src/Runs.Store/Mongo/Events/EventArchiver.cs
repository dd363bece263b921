using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Store.Mongo;

/// <summary>
/// Archives events from the documents of their runs to <c>run_events</c>, shortly after they were recorded, in groups
/// of many appends. Sweeps for events that a crash has orphaned. Correctness does not depend on it: it only keeps the
/// documents small, and an append waits for it only when <see cref="ArchiveQueue"/> is full. Any number of processes
/// may run it.
/// </summary>
internal sealed partial class EventArchiver(
    MongoRunStore store, MongoExceptionTranslator exceptionTranslator, TimeProvider clock, ILogger<EventArchiver> logger)
    : BackgroundService
{
    // Small batches: an append to a run of the batch waits until the batch is written.
    private const int MaxRunsPerBatch = 32;
    private const int MaxBatchBytes = 1024 * 1024; // also of characters that are read at a time
    private const int MaxRunsPerPage = 200;

    // Long enough to archive several appends to a run together, which is cheaper; short enough for operators who look
    // into the database.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ArchiveQueued(stoppingToken), ArchiveOrphaned(stoppingToken));

    // Pauses after each batch for as long as the batch took, so that appends have the disk for at least half of the
    // time.
    private async Task ArchiveQueued(CancellationToken stopping)
    {
        while (true)
        {
            await store.ArchiveQueue.WaitForEvents(stopping);
            var startedAt = clock.GetTimestamp();
            var isFilling = store.ArchiveQueue.IsFilling;
            var batch = store.ArchiveQueue.Take(MaxRunsPerBatch, MaxBatchBytes, isFilling ? TimeSpan.Zero : MinAge);
            try
            {
                await TryArchive(batch.Select(run => run.Id), stopping);
            }
            finally
            {
                store.ArchiveQueue.Release(batch);
            }

            if (!isFilling)
            {
                var duration = clock.GetElapsedTime(startedAt);
                await Task.Delay(duration > MinPause ? duration : MinPause, clock, stopping);
            }
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
        var pages = StorePages.Read<Run>(
            MaxRunsPerPage, after => store.EventArchive.ListRunsWithEvents(after, MaxRunsPerPage, stopping));
        await foreach (var page in pages)
        {
            await TryArchive(page.Where(run => orphans.IsOrphaned(run.Id, run.LatestEventId)).Select(run => run.Id), stopping);
        }

        orphans.CompleteSweep();
    }

    // Events that could not be archived stay in the run's document. Readers find them there, and so does the next
    // sweep.
    private async Task TryArchive(IEnumerable<Guid> runIds, CancellationToken stopping)
    {
        try
        {
            var remaining = runIds.ToHashSet();
            while (remaining.Count > 0
                && await store.EventArchive.ReadRunsWithEvents(remaining, MaxBatchBytes, stopping) is { Count: > 0 } entries)
            {
                await store.EventArchive.Archive(entries, stopping);
                remaining.ExceptWith(entries.Select(entry => entry.Id));
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
