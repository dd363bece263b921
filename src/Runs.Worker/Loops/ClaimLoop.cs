using Microsoft.Extensions.Logging;
using Runs.Client;
using Runs.Client.Http;

namespace Runs.Worker;

/// <summary>Claims runs while slots are free. A claim names the number of free slots.</summary>
internal sealed class ClaimLoop(
    WorkerConnection connection, RunsWorkerOptions options, WorkerMetrics metrics, WorkerHealth health, TimeProvider clock,
    ILogger logger, Action<Attempt> start) : IDisposable
{
    private const int MaxRunsPerClaim = 10;

    private readonly SemaphoreSlim _freeSlots = new(options.MaxConcurrentRuns);

    /// <summary>Makes the slot of an attempt free.</summary>
    public void FreeSlot() => _freeSlots.Release();

    public async Task Run(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var slots = 0;
            var started = 0;
            try
            {
                slots = await TakeSlots(stopping);
                var sentAt = clock.GetTimestamp();
                var response = await connection.Claim(slots, stopping);
                failures = 0;
                health.ServerAnswered();
                foreach (var run in response.All)
                {
                    start(new Attempt(run, options.Lease, sentAt, clock));
                    started++;
                }

                if (started == 0)
                {
                    metrics.PollWasEmpty();
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (RunsException exception)
            {
                logger.ClaimFailed(exception);
                await Pause(failures++, stopping);
            }
            finally
            {
                if (slots > started)
                {
                    _freeSlots.Release(slots - started);
                }
            }
        }
    }

    public void Dispose() => _freeSlots.Dispose();

    // Waits for one slot, and takes as many as a claim may name.
    private async Task<int> TakeSlots(CancellationToken stopping)
    {
        await _freeSlots.WaitAsync(stopping);
        var slots = 1;
        while (slots < MaxRunsPerClaim && await _freeSlots.WaitAsync(TimeSpan.Zero, CancellationToken.None))
        {
            slots++;
        }

        return slots;
    }

    private async Task Pause(int failures, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(PollResilience.GetDelay(failures), clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }
}
