using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Derives the health of a schedule from its newest ended runs.</summary>
internal static class ScheduleHealth
{
    /// <summary>The number of newest runs that decide. When all of them failed, the schedule is failing.</summary>
    public const int DecisiveRuns = 3;

    /// <summary>
    /// Returns the schedule with the health that its newest ended runs have, and with the last outcomes among them. A
    /// run that ended earlier does not replace a later outcome, so the order in which outcomes are found does not
    /// matter.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="newest">Its newest runs that completed or failed, newest first.</param>
    /// <param name="ended">Another run that completed or failed; null if there is none.</param>
    /// <returns>The same instance when nothing changes.</returns>
    public static Schedule WithHealth(
        this Schedule schedule, IReadOnlyList<EndedScheduleRun> newest, EndedScheduleRun? ended = null)
    {
        var runs = ended is null ? newest : [.. newest, ended];
        if (newest.Count > 0 && GetHealth(newest) is var health && health != schedule.Health)
        {
            schedule = schedule with { Health = health };
        }

        if (FindLast(runs, RunStatuses.Completed) is { CompletedAt: var completedAt } && !(completedAt <= schedule.LastSuccessfulAt))
        {
            schedule = schedule with { LastSuccessfulAt = completedAt };
        }

        if (FindLast(runs, RunStatuses.Failed) is { CompletedAt: var failedAt } failed && !(failedAt <= schedule.LastFailureAt))
        {
            schedule = schedule with
            {
                LastFailureAt = failedAt,
                LastFailureCode = failed.Error?.Code,
                LastFailureMessage = failed.Error?.Message,
                LastFailureRunId = failed.RunId,
            };
        }

        return schedule;
    }

    private static string GetHealth(IReadOnlyList<EndedScheduleRun> newest) =>
        newest.Count >= DecisiveRuns && newest.Take(DecisiveRuns).All(run => run.Status == RunStatuses.Failed)
            ? ScheduleHealths.Failing
            : ScheduleHealths.Healthy;

    private static EndedScheduleRun? FindLast(IReadOnlyList<EndedScheduleRun> runs, string status) =>
        runs.Where(run => run.Status == status && run.CompletedAt is not null).MaxBy(run => run.CompletedAt);
}
