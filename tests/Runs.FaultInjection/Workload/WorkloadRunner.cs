using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>
/// Runs workloads with many concurrent callers. Each caller runs its share one after another, on schedule.
/// </summary>
internal sealed class WorkloadRunner(
    Experiment experiment,
    RecordingHttpClient http,
    IReadOnlyList<RecordingAmqpClient> amqpClients)
{
    private int _completedCount;

    public int CompletedCount => _completedCount;

    /// <summary>Runs workloads, spread evenly over a duration.</summary>
    /// <param name="count">The number of workloads.</param>
    /// <param name="callers">The number of concurrent callers.</param>
    /// <param name="duration">The duration; zero to run them as fast as possible.</param>
    /// <param name="execute">Runs one workload and returns its run, which can become the parent of later ones.</param>
    public Task Run(int count, int callers, TimeSpan duration, Func<RunWorkload, Task<TrackedRun?>> execute)
    {
        var begin = Clock.ElapsedSeconds;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            TrackedRun? parent = null;
            for (var number = caller; number < count; number += callers)
            {
                var wait = begin + (duration.TotalSeconds * number / count) - Clock.ElapsedSeconds;
                if (wait > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(wait));
                }

                parent = await RunOne(caller, number, parent, execute) ?? parent;
                Interlocked.Increment(ref _completedCount);
            }
        })));
    }

    private async Task<TrackedRun?> RunOne(
        int caller,
        int number,
        TrackedRun? parent,
        Func<RunWorkload, Task<TrackedRun?>> execute)
    {
        try
        {
            var amqp = amqpClients[caller % amqpClients.Count];
            return await execute(new RunWorkload(experiment, http, amqp, number, parent));
        }
        catch (OperationCanceledException) when (experiment.CallerCancellation.IsCancellationRequested)
        {
            experiment.Violations.Add(Invariants.UnattendedRecovery, $"{experiment.RunIdPrefix}-{number} was not served in the end");
            return null;
        }
    }
}
