using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Carries out due schedules, in steps that any process may finish: decide a fire, create its run, move on. Each
/// decision is one versioned write, so one process wins it. The run's id is derived from the time of the fire, so that
/// any number of processes may create it. The schedules of a round are decided, and moved on, in one write each.
/// </summary>
internal sealed partial class ScheduleProcessor
{
    /// <summary>The number of schedules of one round, which delays the schedules of other tenants.</summary>
    public const int MaxSchedulesPerRound = PageSize / 2;

    private const int PageSize = 500;
    private const int MaxConcurrentSchedules = 64;
    private const int MaxReplacedRuns = 100; // other schedules of the round wait for their cancels
    private const int MaxConflicts = 10;

    private static readonly TimeSpan DeletionCheckInterval = TimeSpan.FromSeconds(30);

    private readonly IScheduleStore _store;
    private readonly InternalCommands _commands;
    private readonly ScheduleMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly DueReader<Schedule> _reader;
    private readonly RecentFailures<(Guid Id, long Version)> _failures;

    public ScheduleProcessor(
        IScheduleStore store, InternalCommands commands, ScheduleMetrics metrics, TimeProvider clock, ILogger<ScheduleProcessor> logger)
    {
        (_store, _commands, _metrics, _clock, _logger) = (store, commands, metrics, clock, logger);
        _reader = new DueReader<Schedule>(
            schedule => schedule.Tenant,
            (excludedTenants, after, stopping) => store.ListDue(Now, after, excludedTenants, PageSize, stopping),
            PageSize,
            clock);
        _failures = new RecentFailures<(Guid, long)>(clock);
    }

    private DateTimeOffset Now => _clock.GetUtcNow().TruncateToMilliseconds();

    /// <summary>Carries out one step of some of the schedules that are due, the same number of each tenant.</summary>
    /// <returns>Whether more may be due.</returns>
    /// <exception cref="StoreUnavailableException">The store is unavailable. The schedules stay due.</exception>
    public async Task<bool> ProcessRound(CancellationToken stopping)
    {
        var (due, hasMore) = await _reader.Read(schedule => _failures.Contains((schedule.Id, schedule.Version)), stopping);
        var schedules = TenantShares.Select(due, schedule => schedule.Tenant, MaxSchedulesPerRound);
        var processed = await Process(schedules, stopping);
        return hasMore || schedules.Count < due.Count || processed.Any(schedule => schedule.DueAt <= Now);
    }

    /// <summary>Carries out one step of each schedule, as it was read.</summary>
    /// <returns>
    /// The schedules that were stored. Those that failed, that were deleted, or that another process has changed are
    /// missing.
    /// </returns>
    public async Task<IReadOnlyList<Schedule>> Process(IReadOnlyCollection<Schedule> schedules, CancellationToken stopping)
    {
        var steps = schedules.ToLookup(GetStep);
        var deleting = await Change(steps[Step.Delete], DeleteOrWait, stopping);
        var decided = await Decide([.. steps[Step.Decide]], stopping);
        var fires = steps[Step.Fire].Concat(decided.Where(schedule => schedule.Firing is not null)); // also of processes that stopped
        var advanced = await CarryOut(fires, stopping);
        return [.. deleting, .. decided.Where(schedule => schedule.Firing is null), .. advanced];
    }

    private static Step GetStep(Schedule schedule) => schedule switch
    {
        { Firing: not null } => Step.Fire, // before a deletion
        { Status: ScheduleStatuses.Deleting } => Step.Delete,
        _ => Step.Decide,
    };

    private async Task<IReadOnlyList<Schedule>> Decide(IReadOnlyCollection<Schedule> schedules, CancellationToken stopping)
    {
        var forbidding = schedules.Where(schedule => schedule.ConcurrencyPolicy == ConcurrencyPolicies.Forbid).ToList();
        var active = forbidding.Count == 0 ? new HashSet<Guid>() : await _store.FindWithActiveRuns(forbidding, stopping);
        return await Change(schedules, (schedule, cancellationToken) => Decide(schedule, active, cancellationToken), stopping);
    }

    private async Task<Schedule?> Decide(Schedule schedule, IReadOnlySet<Guid> active, CancellationToken stopping)
    {
        var cron = CronSchedule.Parse(schedule.Cron, schedule.Timezone);
        var now = Now;
        var next = ScheduleDecision.LeaveOutLateFires(schedule, cron, now);
        if (!ScheduleDecision.IsReady(next, cron, now))
        {
            return next;
        }

        IReadOnlyList<string> replaced = next.ConcurrencyPolicy == ConcurrencyPolicies.Replace
            ? await _store.ListActiveRuns(next, MaxReplacedRuns, stopping)
            : [];
        next = ScheduleDecision.DecideFire(next, cron, now, active.Contains(schedule.Id), replaced);
        return next.SkippedCount > schedule.SkippedCount ? await UpdateHealthIfOutcomeMissing(schedule, next, stopping) : next;
    }

    private async Task<IReadOnlyList<Schedule>> CarryOut(IEnumerable<Schedule> fires, CancellationToken stopping)
    {
        var carriedOut = new ConcurrentDictionary<Guid, FireOutcome>();
        var remaining = new ConcurrentBag<Schedule>();
        await ForEach(
            fires,
            async (schedule, cancellationToken) =>
            {
                carriedOut[schedule.Id] = await CarryOut(schedule, cancellationToken);
                remaining.Add(schedule);
            },
            stopping);

        // Since the fire was decided, a caller or ScheduleOutcomeConsumer may have changed the schedule.
        var advanced = new List<Schedule>();
        IReadOnlyCollection<Schedule> current = remaining;
        for (var attempt = 0; current.Count > 0 && attempt < MaxConflicts; attempt++)
        {
            var stored = await Change(
                current, (schedule, cancellationToken) => Advance(schedule, carriedOut[schedule.Id], cancellationToken), stopping);
            advanced.AddRange(stored);
            current = await ReadUnfinished(current.ExceptBy(stored.Select(schedule => schedule.Id), schedule => schedule.Id), stopping);
        }

        return advanced;
    }

    /// <summary>Cancels the runs that the fire replaces, and creates its own.</summary>
    private async Task<FireOutcome> CarryOut(Schedule schedule, CancellationToken stopping)
    {
        var firing = schedule.Firing!;
        foreach (var runId in firing.ReplacedRunIds)
        {
            await Cancel(schedule, runId, stopping);
        }

        var outcome = FireOutcome.From(schedule, await _commands.Send(ScheduledRuns.CreateForFire(schedule, firing.At), stopping));
        if (outcome.Code is { } code)
        {
            LogFireRejected(schedule.Id, schedule.Tenant, firing.At, code);
        }

        return outcome;
    }

    private async Task<Schedule?> Advance(Schedule schedule, FireOutcome outcome, CancellationToken stopping)
    {
        var cron = CronSchedule.Parse(schedule.Cron, schedule.Timezone);
        return outcome is { Code: { } code, Detail: { } detail }
            ? ScheduleDecision.AdvanceWithoutRun(schedule, cron, Now, code, detail)
            : await UpdateHealthIfOutcomeMissing(schedule, ScheduleDecision.Advance(schedule, cron, Now), stopping);
    }

    private async Task<IReadOnlyCollection<Schedule>> ReadUnfinished(IEnumerable<Schedule> schedules, CancellationToken stopping)
    {
        var unfinished = new List<Schedule>();
        foreach (var schedule in schedules)
        {
            if (await _store.Find(schedule.Id, stopping) is { Firing: { } firing } stored
                && (firing.At, firing.DecidedAt) == (schedule.Firing!.At, schedule.Firing.DecidedAt))
            {
                unfinished.Add(stored);
            }
        }

        return unfinished;
    }

    private async Task Cancel(Schedule schedule, string runId, CancellationToken stopping)
    {
        var command = new CancelRun
        {
            Tenant = schedule.Tenant,
            RunId = runId,
            Actor = new Actor { Type = ActorTypes.System, Id = schedule.Id.ToString() },
        };
        await _commands.Send(command, stopping);
    }

    // ScheduleOutcomeConsumer stores outcomes, but its message may be lost. If no run has ended since the last fire, as
    // far as is stored, the ended runs are read. The outcome of another run hides a lost one until the next outcome.
    private async Task<Schedule> UpdateHealthIfOutcomeMissing(Schedule before, Schedule after, CancellationToken stopping) =>
        HasOutcomeSinceLastFire(before)
            ? after
            : after.WithHealth(await _store.ListEndedRuns(after, ScheduleHealth.DecisiveRuns, stopping));

    private static bool HasOutcomeSinceLastFire(Schedule schedule) =>
        schedule.LastScheduledAt is not { } lastFire
        || schedule.LastSuccessfulAt >= lastFire
        || (schedule.LastFailureRunId is not null && schedule.LastFailureAt >= lastFire);

    private async Task<Schedule?> DeleteOrWait(Schedule schedule, CancellationToken stopping)
    {
        if ((await _store.ListActiveRuns(schedule, 1, stopping)).Count > 0)
        {
            return schedule;
        }

        await _store.TryDelete(schedule, stopping);
        return null;
    }

    /// <summary>Changes schedules and stores them as their next versions, in one write.</summary>
    /// <param name="schedules">The schedules, as they are stored.</param>
    /// <param name="change">Returns the changed schedule; null to write nothing.</param>
    /// <param name="stopping">Stops the changes.</param>
    /// <returns>The schedules that were stored.</returns>
    private async Task<IReadOnlyList<Schedule>> Change(
        IEnumerable<Schedule> schedules, Func<Schedule, CancellationToken, Task<Schedule?>> change, CancellationToken stopping)
    {
        var changes = new ConcurrentBag<(Schedule Before, Schedule After)>();
        await ForEach(
            schedules,
            async (schedule, cancellationToken) =>
            {
                if (await change(schedule, cancellationToken) is { } changed)
                {
                    var deletionCheckAt = Now + (schedule.Firing is null ? DeletionCheckInterval : TimeSpan.Zero);
                    changes.Add((schedule, changed.NextVersion(deletionCheckAt)));
                }
            },
            stopping);
        if (changes.IsEmpty)
        {
            return [];
        }

        var replaced = await _store.Replace([.. changes.Select(pair => pair.After)], stopping);
        var stored = changes.Where(pair => replaced.Contains(pair.After.Id)).ToList();
        stored.ForEach(pair => _metrics.Record(pair.Before, pair.After, Now));
        return stored.ConvertAll(pair => pair.After);
    }

    // A schedule that fails does not hold up the others: what was done for them is stored. It stays due, and is tried
    // again a few seconds later. After a failure of the store no more are started.
    private async Task ForEach(
        IEnumerable<Schedule> schedules, Func<Schedule, CancellationToken, Task> process, CancellationToken stopping)
    {
        var isStoreAvailable = true;
        await Parallel.ForEachAsync(
            schedules,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentSchedules, CancellationToken = stopping },
            async (schedule, cancellationToken) =>
            {
                if (!Volatile.Read(ref isStoreAvailable))
                {
                    return;
                }

                try
                {
                    await process(schedule, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    _failures.Add((schedule.Id, schedule.Version));
                    LogScheduleFailed(exception, schedule.Id, schedule.Tenant);
                    if (exception is StoreUnavailableException)
                    {
                        Volatile.Write(ref isStoreAvailable, false);
                    }
                }
            });
    }

    private enum Step
    {
        Decide,
        Fire,
        Delete,
    }

    [LoggerMessage(LogLevel.Warning, "Failed to carry out schedule {ScheduleId} of tenant {Tenant}; will retry")]
    private partial void LogScheduleFailed(Exception exception, Guid scheduleId, string tenant);

    [LoggerMessage(LogLevel.Error, "Schedule {ScheduleId} of tenant {Tenant} created no run for {FireAt}: {Code}")]
    private partial void LogFireRejected(Guid scheduleId, string tenant, DateTimeOffset fireAt, string code);
}
