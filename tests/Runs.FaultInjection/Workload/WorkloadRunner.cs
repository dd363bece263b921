using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Workload;

/// <summary>The callers: each drives its share of the lives, one after another, not sooner than the schedule says.</summary>
internal sealed class WorkloadRunner(Experiment experiment, RecordingHttpClient http, IReadOnlyList<RecordingAmqpClient> amqpClients)
{
    private int _completedCount;

    /// <summary>Lives that are over.</summary>
    public int CompletedCount => _completedCount;

    /// <summary>Lives <paramref name="count"/> lives, spread over <paramref name="duration"/>.</summary>
    public Task Run(int first, int count, int callers, TimeSpan duration, Func<RunWorkload, Task<TrackedRun?>> execute)
    {
        var begin = Clock.ElapsedSeconds;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            TrackedRun? parent = null;
            for (var number = caller; number < count; number += callers)
            {
                var due = begin + (duration.TotalSeconds * number / count) - Clock.ElapsedSeconds;
                if (due > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(due));
                }

                try
                {
                    parent = await execute(new RunWorkload(experiment, http, amqpClients[caller % amqpClients.Count], first + number, parent)) ?? parent;
                }
                catch (OperationCanceledException) when (experiment.CallerCancellation.IsCancellationRequested)
                {
                    experiment.Violations.Add(Invariants.UnattendedRecovery, $"{experiment.RunIdPrefix}-{first + number} was not served in the end");
                }

                Interlocked.Increment(ref _completedCount);
            }
        })));
    }
}
