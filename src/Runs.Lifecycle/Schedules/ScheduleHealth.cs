using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Derives the health of a schedule from its newest ended runs.</summary>
internal static class ScheduleHealth
{
    /// <summary>The number of newest runs that decide. When all of them failed, the schedule is failing.</summary>
    public const int DecisiveRuns = 3;

    /// <summary>
    /// Returns the schedule with the health and the last outcomes of <paramref name="ended"/>, newest first.
    /// </summary>
    public static Schedule WithHealth(this Schedule schedule, IReadOnlyList<EndedScheduleRun> ended)
    {
        if (ended.Count == 0)
        {
            return schedule;
        }

        var isFailing = ended.Count >= DecisiveRuns && ended.Take(DecisiveRuns).All(run => run.Status == RunStatuses.Failed);
        schedule = schedule with { Health = isFailing ? ScheduleHealths.Failing : ScheduleHealths.Healthy };
        if (ended.FirstOrDefault(run => run.Status == RunStatuses.Completed) is { } completed)
        {
            schedule = schedule with { LastSuccessfulAt = completed.CompletedAt };
        }

        if (ended.FirstOrDefault(run => run.Status == RunStatuses.Failed) is { } failed)
        {
            schedule = schedule with
            {
                LastFailureAt = failed.CompletedAt,
                LastFailureCode = failed.Error?.Code,
                LastFailureMessage = failed.Error?.Message,
                LastFailureRunId = failed.RunId,
            };
        }

        return schedule;
    }
}
