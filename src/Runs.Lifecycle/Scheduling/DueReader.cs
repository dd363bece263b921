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
    Func<T, string> getTenant, Func<IReadOnlyCollection<string>, T?, Task<IReadOnlyList<T>>> readPage, int pageSize, TimeProvider clock)
    where T : class
{
    // The store reads past the backlog, which takes long where it is large.
    private static readonly TimeSpan OtherTenantsInterval = TimeSpan.FromSeconds(1);

    // Each tenant with a backlog costs another read.
    private const int MaxPages = 20;

    // A tenant with at least this many items in a full page has a backlog.
    private readonly int _minBacklog = pageSize / 20;

    private long? _otherTenantsReadAt;

    /// <summary>Reads items for one round.</summary>
    /// <param name="isExcluded">Whether an item is not to be returned, although it is due.</param>
    /// <returns>
    /// The items, and whether more may be due. The items of tenants without a backlog are complete, except that behind
    /// a backlog they are read once a second.
    /// </returns>
    public async Task<(IReadOnlyList<T> Items, bool HasMore)> Read(Func<T, bool> isExcluded)
    {
        var items = new List<T>();
        var excludedTenants = new HashSet<string>();
        var readsOtherTenants = _otherTenantsReadAt is not { } readAt || clock.GetElapsedTime(readAt) >= OtherTenantsInterval;
        for (var pages = 1; ; pages++)
        {
            var (page, isLast) = await ReadPage(excludedTenants, isExcluded);
            items.AddRange(page);
            var hasMore = !isLast || excludedTenants.Count > 0;
            if (isLast || !readsOtherTenants || pages == MaxPages)
            {
                return (items, hasMore);
            }

            var backlogs = page.CountBy(getTenant).Where(tenant => tenant.Value >= _minBacklog).Select(tenant => tenant.Key).ToList();
            if (backlogs.Count == 0)
            {
                return (items, hasMore);
            }

            excludedTenants.UnionWith(backlogs);
            _otherTenantsReadAt = clock.GetTimestamp();
        }
    }

    // Pages of excluded items only must not hide the items behind them.
    private async Task<(IReadOnlyList<T> Items, bool IsLast)> ReadPage(HashSet<string> excludedTenants, Func<T, bool> isExcluded)
    {
        List<T> items = [];
        await foreach (var page in StorePages.Read<T>(pageSize, after => readPage(excludedTenants, after)))
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
