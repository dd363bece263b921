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
    // Each tenant with a backlog costs another read.
    private const int MaxPages = 8;

    // A tenant with at least this many items in a full page has a backlog.
    private readonly int _minBacklog = pageSize / 20;

    // A store reads past the backlog, and past the index entries of processed items that it has not removed yet.
    private readonly SlowRead _readOfOtherTenants = new(clock);
    private readonly SlowRead _readFromStart = new(clock);

    // The first item of the last full page: the items before it are processed, but for new ones.
    private T? _first;

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
        var readsOtherTenants = _readOfOtherTenants.IsDue;
        var items = new List<T>();
        var excludedTenants = new HashSet<string>();
        for (var pages = 1; ; pages++)
        {
            var (page, isLast) = excludedTenants.Count == 0
                ? await ReadFirstPage(isExcluded, stopping)
                : await ReadPage(excludedTenants, isExcluded, null, stopping);
            var backlogs = isLast || !readsOtherTenants || pages == MaxPages
                ? []
                : page.CountBy(getTenant).Where(tenant => tenant.Value >= _minBacklog).Select(tenant => tenant.Key).ToHashSet();
            if (backlogs.Count == 0)
            {
                items.AddRange(page);
                if (excludedTenants.Count > 0)
                {
                    _readOfOtherTenants.Record(startedAt);
                }

                return (items, !isLast || excludedTenants.Count > 0);
            }

            items.AddRange(page.Where(item => backlogs.Contains(getTenant(item)))); // the next page has the others again
            excludedTenants.UnionWith(backlogs);
        }
    }

    private async Task<(IReadOnlyList<T> Items, bool IsLast)> ReadFirstPage(Func<T, bool> isExcluded, CancellationToken stopping)
    {
        if (_first is not null && !_readFromStart.IsDue
            && await ReadPage([], isExcluded, _first, stopping) is { IsLast: false } continued)
        {
            _first = continued.Items[0];
            return continued;
        }

        var startedAt = clock.GetTimestamp();
        var (items, isLast) = await ReadPage([], isExcluded, null, stopping);
        _readFromStart.Record(startedAt);
        _first = isLast ? null : items[0];
        return (items, isLast);
    }

    // Pages of excluded items only must not hide the items behind them.
    private async Task<(IReadOnlyList<T> Items, bool IsLast)> ReadPage(
        HashSet<string> excludedTenants, Func<T, bool> isExcluded, T? start, CancellationToken stopping)
    {
        List<T> items = [];
        await foreach (var page in StorePages.Read(pageSize, after => readPage(excludedTenants, after, stopping), start))
        {
            items = [.. page.Where(item => !isExcluded(item))];
            if (items.Count > 0)
            {
                return (items, page.Count < pageSize);
            }
        }

        return (items, true);
    }

    /// <summary>
    /// A read that may take long: once a second, or less often, so that it takes at most a tenth of the time.
    /// </summary>
    private sealed class SlowRead(TimeProvider clock)
    {
        private const int MinIntervalByDuration = 10;

        private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);

        private long? _endedAt;
        private TimeSpan _interval;

        public bool IsDue => _endedAt is not { } endedAt || clock.GetElapsedTime(endedAt) >= _interval;

        public void Record(long startedAt)
        {
            _endedAt = clock.GetTimestamp();
            var byDuration = clock.GetElapsedTime(startedAt) * MinIntervalByDuration;
            _interval = byDuration > MinInterval ? byDuration : MinInterval;
        }
    }
}
