using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Reads due items of all tenants. A list of the store has the most overdue items first, so the backlog of one
/// tenant may hide the items of the others. Then the list is read again without that tenant.
/// </summary>
/// <param name="getTenant">Returns the tenant of an item.</param>
/// <param name="readPage">Reads a page of the items of all but some tenants, after an item.</param>
/// <param name="pageSize">The number of items of a full page.</param>
/// <param name="clock">The time.</param>
internal sealed class DueReader<T>(
    Func<T, string> getTenant,
    Func<IReadOnlyCollection<string>, T?, CancellationToken, Task<IReadOnlyList<T>>> readPage,
    int pageSize,
    TimeProvider clock)
    where T : class
{
    // The store reads past the backlog, which takes long where it is large: at most a tenth of the time.
    private const int MinIntervalByDuration = 10;

    private static readonly TimeSpan MinOtherTenantsInterval = TimeSpan.FromSeconds(1);

    // Each tenant with a backlog costs another read.
    private const int MaxPages = 8;

    // A tenant with at least this many items in a full page has a backlog.
    private readonly int _minBacklog = pageSize / 20;

    private long? _otherTenantsReadAt;
    private TimeSpan _otherTenantsInterval;

    /// <summary>Reads items for one round.</summary>
    /// <param name="isExcluded">Whether an item is not to be returned, although it is due.</param>
    /// <param name="stopping">Stops the reads.</param>
    /// <returns>
    /// The items, each once, and whether more may be due. The items of tenants without a backlog are complete, except
    /// that behind a backlog they are read once a second, or less often where that takes long.
    /// </returns>
    public async Task<(IReadOnlyList<T> Items, bool HasMore)> Read(Func<T, bool> isExcluded, CancellationToken stopping)
    {
        var startedAt = clock.GetTimestamp();
        var readsOtherTenants = _otherTenantsReadAt is not { } readAt || clock.GetElapsedTime(readAt) >= _otherTenantsInterval;
        var items = new List<T>();
        var excludedTenants = new HashSet<string>();
        for (var pages = 1; ; pages++)
        {
            var (page, isLast) = await ReadPage(excludedTenants, isExcluded, stopping);
            var backlogs = isLast || !readsOtherTenants || pages == MaxPages
                ? []
                : page.CountBy(getTenant).Where(tenant => tenant.Value >= _minBacklog).Select(tenant => tenant.Key).ToHashSet();
            if (backlogs.Count == 0)
            {
                items.AddRange(page);
                if (excludedTenants.Count > 0)
                {
                    _otherTenantsReadAt = clock.GetTimestamp();
                    var byDuration = clock.GetElapsedTime(startedAt) * MinIntervalByDuration;
                    _otherTenantsInterval = byDuration > MinOtherTenantsInterval ? byDuration : MinOtherTenantsInterval;
                }

                return (items, !isLast || excludedTenants.Count > 0);
            }

            items.AddRange(page.Where(item => backlogs.Contains(getTenant(item)))); // the next page has the others again
            excludedTenants.UnionWith(backlogs);
        }
    }

    // Pages of excluded items only must not hide the items behind them.
    private async Task<(IReadOnlyList<T> Items, bool IsLast)> ReadPage(
        HashSet<string> excludedTenants, Func<T, bool> isExcluded, CancellationToken stopping)
    {
        List<T> items = [];
        await foreach (var page in StorePages.Read<T>(pageSize, after => readPage(excludedTenants, after, stopping)))
        {
            items = [.. page.Where(item => !isExcluded(item))];
            if (items.Count > 0)
            {
                return (items, page.Count < pageSize);
            }
        }

        return (items, true);
    }
}
