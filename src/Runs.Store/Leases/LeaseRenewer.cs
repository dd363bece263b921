using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Runs.Store;

/// <summary>
/// Renews leases directly in the store, without the saga: a renewal changes nothing in the life of a run. It succeeds
/// as long as the attempt is current, also after the end of the lease: an attempt ends with the write of the timer,
/// which raises the version that a renewal expects.
/// </summary>
public sealed class LeaseRenewer(IRunStore store, IOptions<ExecutionOptions> options, TimeProvider clock, IMeterFactory meters)
{
    private readonly Counter<long> _renewals =
        meters.GetMeter().CreateCounter<long>("runs.lease.renewals", "{lease}", "Leases that were renewed.");

    /// <summary>Renews the leases of those runs that are held as the caller expects.</summary>
    /// <param name="runs">
    /// The runs, as <see cref="IRunStore.ReadLeases"/> returns them, at most 1,000. Their leases are set.
    /// </param>
    /// <param name="isHeld">Whether the worker holds a run. Called again after a concurrent change.</param>
    /// <param name="duration">The duration of the leases, from now.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>The new ends of the renewed leases, by <see cref="Run.Id"/>. The other runs are not held.</returns>
    public async Task<IReadOnlyDictionary<Guid, DateTimeOffset>> Renew(
        IReadOnlyList<Run> runs, Func<Run, bool> isHeld, TimeSpan duration, CancellationToken cancellationToken)
    {
        var ends = new Dictionary<Guid, DateTimeOffset>();
        while (runs.Where(isHeld).ToList() is { Count: > 0 } held)
        {
            var end = (clock.GetUtcNow() + duration).TruncateToMilliseconds();
            var renewed = await store.RenewLeases([.. held.Select(run => CreateRenewal(run, end))], cancellationToken);
            _renewals.Add(renewed.Count);
            var changed = held.Where(run => !renewed.Contains(run.Id)).Select(run => run.Id).ToList();
            foreach (var id in renewed)
            {
                ends[id] = end;
            }

            runs = changed.Count == 0 ? [] : await store.ReadLeases(changed, cancellationToken);
        }

        return ends;
    }

    private LeaseRenewal CreateRenewal(Run run, DateTimeOffset end)
    {
        run.LeaseExpiresAt = end;
        return new LeaseRenewal(run.Id, run.Version, end, RunTimers.GetDueAt(run, options.Value)!.Value);
    }
}
