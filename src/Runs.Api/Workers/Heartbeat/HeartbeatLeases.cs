using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// Renews the leases that a heartbeat names, and waits for a change that their worker must know. All leases of a
/// heartbeat cost one read and one write.
/// </summary>
internal sealed class HeartbeatLeases(
    IRunStore store, LeaseRenewer renewer, IClaimSender sender, RunWatcher watcher, ApiMetrics metrics, IOptions<ExecutionOptions> options,
    TimeProvider clock, IHostApplicationLifetime lifetime)
{
    /// <summary>
    /// The time after which a run that a process has claimed and does not name is released. By then, the process has
    /// received the response to its claim, and its heartbeats name the run.
    /// </summary>
    public static readonly TimeSpan UnclaimedAfter = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Renews the leases. Then waits, for at most half of their duration, until one of the runs is no longer held or
    /// was resumed.
    /// </summary>
    /// <returns>The runs of the body, in its order.</returns>
    public async Task<List<HeldRunResource>> RenewAndWait(Caller caller, SendHeartbeatBody body, CancellationToken aborted)
    {
        var startedAt = clock.GetTimestamp();
        var named = new NamedRuns(caller, body.Runs!);
        var duration = TimeSpan.FromSeconds(body.LeaseSeconds ?? options.Value.LeaseSeconds);
        var (runs, unnamed) = await ReadLeases(caller, body.InstanceId, named, aborted);
        var ends = await renewer.Renew(runs, named.IsHeld, duration, aborted);
        _ = ReleaseUnclaimed(caller, unnamed); // renewals do not wait for the saga
        if (runs.Any(run => named.IsHeld(run) && !ends.ContainsKey(run.Id)))
        {
            // Such a run has changed since the read: its new status distinguishes a cancelled run from a lost one.
            runs = await store.ReadLeases(named.Ids, aborted);
        }

        var current = named.ToResources(runs, run => ends.TryGetValue(run.Id, out var end) ? end : null);

        var wait = body.Wait < duration / 2 ? body.Wait : duration / 2;
        var statuses = runs.ToDictionary(run => run.Id, run => run.Status);
        using var counted = wait > TimeSpan.Zero ? metrics.OpenSubscriber("heartbeat") : null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        try
        {
            for (var mustReport = MustReport(current, runs, statuses); wait > TimeSpan.Zero && !mustReport;)
            {
                using var watch = watcher.Watch(runs);
                if (!await watch.WaitForChange(wait - clock.GetElapsedTime(startedAt), clock, stopping.Token))
                {
                    break;
                }

                runs = await store.ReadLeases(named.Ids, stopping.Token);
                current = named.ToResources(runs, run => named.IsHeld(run) ? run.LeaseExpiresAt : null);
                mustReport = MustReport(current, runs, statuses);
                statuses = runs.ToDictionary(run => run.Id, run => run.Status);
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // The process stops.
        }

        return current;
    }

    // One read. The second is for runs that the process names and does not hold.
    private async Task<(IReadOnlyList<Run> Runs, IReadOnlyList<Run> Unnamed)> ReadLeases(
        Caller caller, string? instance, NamedRuns named, CancellationToken cancellationToken)
    {
        if (instance is null)
        {
            return (named.Ids.Count == 0 ? [] : await store.ReadLeases(named.Ids, cancellationToken), []);
        }

        var held = await store.ListLeases(
            caller.Tenant, caller.Worker!.LeaseOwner, instance, FieldLimits.MaxRunsPerHeartbeat, cancellationToken);
        var found = held.Where(run => named.Contains(run.Id)).ToList();
        var others = named.Ids.Except(found.Select(run => run.Id)).ToList();
        return (
            others.Count == 0 ? found : [.. found, .. await store.ReadLeases(others, cancellationToken)],
            [.. held.Where(run => !named.Contains(run.Id))]);
    }

    // The time of the last change, because the time of the claim is not read: only the claim changes such a run.
    private async Task ReleaseUnclaimed(Caller caller, IReadOnlyList<Run> runs)
    {
        foreach (var run in runs.Where(run => clock.GetUtcNow() - run.UpdatedAt >= UnclaimedAfter).ToList())
        {
            await sender.ReleaseUnclaimed(run.Tenant, run.RunId, run.Attempt, caller.Actor, caller.TraceId);
        }
    }

    private static bool MustReport(
        IReadOnlyList<HeldRunResource> current, IReadOnlyList<Run> runs, Dictionary<Guid, string> statusesBefore) =>
        current.Any(run => run.LeaseExpiresAt is null)
        || runs.Any(run => run.Status == RunStatuses.Running && statusesBefore[run.Id] == RunStatuses.Waiting);

    /// <summary>The runs that a heartbeat names.</summary>
    private sealed class NamedRuns(Caller caller, IReadOnlyList<HeldRun> runs)
    {
        private readonly Dictionary<Guid, int> _attempts =
            runs.ToDictionary(run => RunIds.ForRun(caller.Tenant, run.RunId), run => run.Attempt);

        public Dictionary<Guid, int>.KeyCollection Ids => _attempts.Keys;

        public bool Contains(Guid id) => _attempts.ContainsKey(id);

        public bool IsHeld(Run run) => run.LeaseOwner == caller.Worker!.LeaseOwner && run.Attempt == _attempts[run.Id];

        public List<HeldRunResource> ToResources(IReadOnlyList<Run> found, Func<Run, DateTimeOffset?> getEnd)
        {
            var byId = found
                .Where(run => run.Status != Run.CancellationPending && IsVisible(run))
                .ToDictionary(run => run.RunId);
            return [.. runs.Select(run => byId.TryGetValue(run.RunId, out var stored)
                ? new HeldRunResource(run.RunId, run.Attempt, getEnd(stored), stored.Status)
                : new HeldRunResource(run.RunId, run.Attempt, null, null))];
        }

        // A worker does not learn of the runs of other projects.
        private bool IsVisible(Run run) => run.ProjectId is null || run.ProjectId == caller.Worker!.ProjectId;
    }
}
