using Microsoft.Extensions.Logging;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Carries out due schedules, in steps that any process may finish: decide a fire, create its run, move on. Each
/// decision is one versioned write, so one process wins it. The run's id is derived from the time of the fire, so that
/// any number of processes may create it.
/// </summary>
internal sealed partial class ScheduleProcessor(
    IScheduleStore store, InternalCommands commands, ScheduleMetrics metrics, TimeProvider clock, ILogger<ScheduleProcessor> logger)
{
    // A schedule with many late fires takes turns with the others.
    private const int MaxStepsPerTurn = 20;

    private const int MaxReplacedRuns = 1_000;

    private static readonly TimeSpan DeletionCheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Carries out the schedule until it is not due or another process has changed it.</summary>
    public async Task Process(Schedule schedule, CancellationToken stopping)
    {
        var current = schedule;
        for (var step = 0; step < MaxStepsPerTurn && current is not null && current.DueAt <= Now; step++)
        {
            current = await ProcessStep(current, stopping);
        }
    }

    private DateTimeOffset Now => clock.GetUtcNow().TruncateToMilliseconds();

    /// <returns>The stored schedule after the step; null when it was deleted, or changed by another process.</returns>
    private Task<Schedule?> ProcessStep(Schedule schedule, CancellationToken stopping) => schedule switch
    {
        { Firing: not null } => CarryOutFire(schedule, stopping), // of a process that stopped
        { Status: ScheduleStatuses.Deleting } => DeleteOrWait(schedule, stopping),
        _ => DecideFire(schedule, stopping),
    };

    private async Task<Schedule?> DecideFire(Schedule schedule, CancellationToken stopping)
    {
        var cron = CronSchedule.Parse(schedule.Cron, schedule.Timezone);
        var now = Now;
        var next = ScheduleDecision.LeaveOutLateFires(schedule, cron, now);
        if (ScheduleDecision.IsReady(next, cron, now))
        {
            var activeRuns = await ReadActiveRuns(next, stopping);
            next = ScheduleDecision.DecideFire(next, cron, now, activeRuns);
        }

        if (next.SkippedCount > schedule.SkippedCount)
        {
            next = await ReadHealth(next, stopping);
        }

        var decided = await Replace(schedule, next, stopping);
        return decided is { Firing: not null } ? await CarryOutFire(decided, stopping) : decided;
    }

    private Task<IReadOnlyList<string>> ReadActiveRuns(Schedule schedule, CancellationToken stopping) =>
        schedule.ConcurrencyPolicy switch
        {
            ConcurrencyPolicies.Allow => Task.FromResult<IReadOnlyList<string>>([]),
            ConcurrencyPolicies.Forbid => store.ListActiveRuns(schedule, 1, stopping),
            _ => store.ListActiveRuns(schedule, MaxReplacedRuns, stopping),
        };

    private async Task<Schedule?> CarryOutFire(Schedule schedule, CancellationToken stopping)
    {
        var cron = CronSchedule.Parse(schedule.Cron, schedule.Timezone);
        var firing = schedule.Firing!;
        foreach (var runId in firing.ReplacedRunIds)
        {
            await Cancel(schedule, runId, stopping);
        }

        var rejected = await commands.Send(ScheduledRuns.CreateForFire(schedule, firing.At), stopping);
        if (rejected is { Code: RejectionCodes.StoreUnavailable })
        {
            throw new StoreUnavailableException(rejected.Detail, null);
        }

        if (rejected is not null)
        {
            LogFireRejected(schedule.Id, schedule.Tenant, firing.At, rejected.Code);
        }

        var next = rejected is null
            ? ScheduleDecision.Advance(schedule, cron, Now)
            : ScheduleDecision.AdvanceWithoutRun(schedule, cron, Now, rejected.Code, rejected.Detail);
        return await Replace(schedule, rejected is null ? await ReadHealth(next, stopping) : next, stopping);
    }

    private async Task Cancel(Schedule schedule, string runId, CancellationToken stopping)
    {
        var command = new CancelRun
        {
            Tenant = schedule.Tenant,
            RunId = runId,
            Actor = new Actor { Type = ActorTypes.System, Id = schedule.Id.ToString() },
        };
        if (await commands.Send(command, stopping) is { Code: RejectionCodes.StoreUnavailable } rejected)
        {
            throw new StoreUnavailableException(rejected.Detail, null);
        }
    }

    private async Task<Schedule> ReadHealth(Schedule schedule, CancellationToken stopping) =>
        schedule.WithHealth(await store.ListEndedRuns(schedule, ScheduleHealth.DecisiveRuns, stopping));

    private async Task<Schedule?> DeleteOrWait(Schedule schedule, CancellationToken stopping)
    {
        if ((await store.ListActiveRuns(schedule, 1, stopping)).Count > 0)
        {
            return await Replace(schedule, schedule, stopping);
        }

        await store.TryDelete(schedule, stopping);
        return null;
    }

    private async Task<Schedule?> Replace(Schedule schedule, Schedule changed, CancellationToken stopping)
    {
        var now = Now;
        var next = changed.NextVersion(deletionCheckAt: now + (schedule.Firing is null ? DeletionCheckInterval : TimeSpan.Zero));
        if (!await store.TryReplace(next, stopping))
        {
            return null;
        }

        metrics.Record(schedule, next, now);
        return next;
    }

    [LoggerMessage(LogLevel.Error, "Schedule {ScheduleId} of tenant {Tenant} created no run for {FireAt}: {Code}")]
    private partial void LogFireRejected(Guid scheduleId, string tenant, DateTimeOffset fireAt, string code);
}
