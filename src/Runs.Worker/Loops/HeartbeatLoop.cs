using Microsoft.Extensions.Logging;
using Runs.Client;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>
/// Renews the leases, and learns at once of runs that were cancelled, lost or resumed: the server holds a heartbeat for
/// a third of the lease, or until there is such news. When an attempt begins or a run waits, the pending heartbeat is
/// replaced by one that is answered at once, and then by one that names the change.
/// </summary>
internal sealed class HeartbeatLoop(
    WorkerConnection connection, HeldAttempts attempts, RunsWorkerOptions options, WorkerMetrics metrics, WorkerHealth health,
    TimeProvider clock, ILogger logger)
{
    // Without runs, a heartbeat shows that the worker exists, and releases what it has claimed without knowing it.
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _wait = TimeSpan.FromSeconds(Math.Floor(options.Lease.TotalSeconds / 3));

    // Short, so that a lost request leaves time for another one before the lease is over.
    private readonly TimeSpan _margin = TimeSpan.FromSeconds(Math.Max(1, options.Lease.TotalSeconds / 12));

    private long _lastRenewal = clock.GetTimestamp();

    /// <summary>Runs until <paramref name="ended"/>, which is after the last attempt.</summary>
    public async Task Run(CancellationToken ended)
    {
        var (isConfirmed, failures) = (false, 0);
        while (!ended.IsCancellationRequested)
        {
            // Read before the attempts: a change in between is a change.
            var changed = attempts.Changed;
            try
            {
                if (attempts.IsEmpty && isConfirmed)
                {
                    await Task.WhenAny(changed, Task.Delay(IdleInterval, clock, ended));
                    isConfirmed = false;
                    continue;
                }

                isConfirmed = await Send(isConfirmed ? _wait : TimeSpan.Zero, isConfirmed ? changed : null, ended);
                failures = 0;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (RunsException exception)
            {
                logger.HeartbeatFailed(exception);
                isConfirmed = false;
                await Pause(failures++, ended);
            }
        }
    }

    // Returns whether the server has confirmed the leases; false when a change has interrupted the heartbeat.
    private async Task<bool> Send(TimeSpan wait, Task? changed, CancellationToken ended)
    {
        var held = attempts.All.Select(attempt => new HeldRun(attempt.RunId, attempt.Number)).ToList();
        var sentAt = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(wait + _margin, clock);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ended);
        var heartbeat = connection.Heartbeat(held, wait, interrupted.Token);
        if (changed is not null && await Task.WhenAny(heartbeat, changed) == changed && !heartbeat.IsCompleted)
        {
            await interrupted.CancelAsync();
        }

        try
        {
            Apply(await heartbeat, sentAt);
            return true;
        }
        catch (OperationCanceledException) when (changed is { IsCompleted: true } && !ended.IsCancellationRequested)
        {
            return false;
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !ended.IsCancellationRequested)
        {
            throw new RunsUnavailableException("The heartbeat was not answered in time.", exception);
        }
    }

    private void Apply(HeartbeatResponse response, long sentAt)
    {
        health.ServerAnswered();
        metrics.Renewed(clock.GetElapsedTime(_lastRenewal, sentAt));
        _lastRenewal = sentAt;
        foreach (var lease in response.Runs)
        {
            if (attempts.Find(lease.RunId, lease.Attempt) is not { } attempt)
            {
                continue; // it has ended meanwhile
            }

            if (lease.LeaseExpiresAt is not null)
            {
                attempt.Renew(sentAt);
                attempt.SetStatus(lease.Status);
            }
            else if (attempt.Stop(GetReason(lease.Status)))
            {
                if (attempt.Reason == StopReason.LeaseLost)
                {
                    metrics.LeaseLost();
                }

                logger.StoppedAttempt(attempt.RunId, attempt.Number, attempt.Reason);
            }
        }
    }

    // Only the service fails a run that a worker holds: its time, or that of its wait, is over.
    private static StopReason GetReason(string? status) => status switch
    {
        RunStatuses.Cancelled => StopReason.RunCancelled,
        RunStatuses.Failed => StopReason.TimedOut,
        _ => StopReason.LeaseLost,
    };

    private async Task Pause(int failures, CancellationToken ended)
    {
        try
        {
            // Not longer than the margin: it is the time that is left for another heartbeat.
            var delay = PollResilience.GetDelay(failures);
            await Task.Delay(delay < _margin ? delay : _margin, clock, ended);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }
}
