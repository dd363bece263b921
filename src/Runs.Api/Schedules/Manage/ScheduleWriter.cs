using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>
/// Changes a stored schedule with a versioned write. When another caller or a fire has changed it meanwhile, reads it
/// and applies the change again.
/// </summary>
internal sealed class ScheduleWriter(IScheduleStore store, TimeProvider clock)
{
    private const int MaxAttempts = 20;

    /// <summary>
    /// Finds a schedule, applies <paramref name="change"/> and stores the result as its next version.
    /// </summary>
    /// <param name="find">Finds the schedule; null when there is none that the caller may change.</param>
    /// <param name="change">
    /// Returns the changed schedule, for the given time; the same instance to write nothing.
    /// </param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    public async Task<Result<Schedule>> Change(
        Func<Task<Schedule?>> find, Func<Schedule, DateTimeOffset, Result<Schedule>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await find() is not { } current)
            {
                return Problems.ScheduleNotFound();
            }

            var now = clock.GetUtcNow().TruncateToMilliseconds();
            var changed = change(current, now);
            if (!changed.IsSuccess || ReferenceEquals(changed.Value, current))
            {
                return changed;
            }

            var next = (changed.Value with { UpdatedAt = now }).NextVersion(deletionCheckAt: now);
            if (await store.TryReplace(next, cancellationToken))
            {
                return next;
            }
        }

        return Problems.ScheduleBusy();
    }
}
