using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed class DueReaderTests
{
    private const int PageSize = 1_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly List<DueRun> _due = [];
    private readonly List<string> _reads = [];
    private readonly List<string?> _starts = []; // of the reads of all tenants
    private readonly DueReader<DueRun> _reader;

    public DueReaderTests() => _reader = new DueReader<DueRun>(run => run.Tenant, ReadPage, PageSize, _clock);

    [Fact]
    public async Task Few_items_are_read_in_one_page()
    {
        Add("a", 999);

        var (items, hasMore) = await Read();

        Assert.Equal((999, false), (items.Count, hasMore));
        Assert.Single(_reads);
    }

    [Fact]
    public async Task A_backlog_does_not_hide_the_items_of_other_tenants()
    {
        Add("a", 5_000);
        Add("b", 3_000);
        Add("c", 2);

        var (items, hasMore) = await Read();

        Assert.True(hasMore);
        Assert.Equal(["a 1000", "b 1000", "c 2"], Count(items));
        Assert.Equal(["", "a", "a,b"], _reads);
    }

    [Fact]
    public async Task A_tenant_with_few_items_in_a_full_page_is_read_again()
    {
        Add("c", PageSize / 20 - 1);
        Add("a", 5_000);
        Add("c", 1);

        var (items, _) = await Read();

        Assert.Equal(["a 951", "c 50"], Count(items));
    }

    [Fact]
    public async Task Behind_a_backlog_the_store_is_read_once_a_second()
    {
        Add("a", 5_000);
        await Read();
        Add("b", 1);

        Assert.Equal(["a 1000"], Count((await Read()).Items));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a 1000", "b 1"], Count((await Read()).Items));
    }

    [Fact]
    public async Task Many_tenants_without_a_backlog_take_their_turn_by_time()
    {
        for (var tenant = 0; tenant < 300; tenant++)
        {
            Add($"{tenant:000}", 5);
        }

        var (items, hasMore) = await Read();

        Assert.Equal((1_000, true), (items.Count, hasMore));
        Assert.Single(_reads);
    }

    [Fact]
    public async Task Pages_of_excluded_items_do_not_hide_the_items_behind_them()
    {
        Add("a", 2_500);
        var excluded = _due.ToHashSet();
        Add("b", 3);

        var (items, hasMore) = await _reader.Read(excluded.Contains, default);

        Assert.Equal(["b 3"], Count(items));
        Assert.False(hasMore);
    }

    /// <summary>Otherwise a store would read past the index entries of all items that are processed already.</summary>
    [Fact]
    public async Task Within_a_second_a_backlog_is_read_from_where_it_began_last()
    {
        Add("a", 5_000);
        await Read();
        _due.RemoveRange(0, 250);

        var (items, hasMore) = await Read();
        _due.RemoveRange(0, 250);
        await Read();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Read();

        Assert.Equal(("250", 1_000, true), (items[0].RunId, items.Count, hasMore));
        Assert.Equal([null, "0", "250", null], _starts);
    }

    [Fact]
    public async Task The_end_of_a_backlog_is_followed_by_a_read_from_the_start()
    {
        Add("a", 1_500);
        await Read();
        _due.RemoveRange(1, 999);

        var (items, hasMore) = await Read();

        Assert.Equal((501, false), (items.Count, hasMore));
        Assert.Equal("0", items[0].RunId);
    }

    private static int GetNumber(DueRun run) => int.Parse(run.RunId, CultureInfo.InvariantCulture);

    private static List<string> Count(IEnumerable<DueRun> items) =>
        [.. items.CountBy(item => item.Tenant).Select(tenant => $"{tenant.Key} {tenant.Value}").Order(StringComparer.Ordinal)];

    private Task<(IReadOnlyList<DueRun> Items, bool HasMore)> Read() => _reader.Read(_ => false, default);

    private void Add(string tenant, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var runId = $"{_due.Count}";
            _due.Add(new DueRun(RunIds.ForRun(tenant, runId), tenant, runId, DateTimeOffset.UnixEpoch));
        }
    }

    private Task<IReadOnlyList<DueRun>> ReadPage(
        IReadOnlyCollection<string> excludedTenants, DueRun? after, CancellationToken stopping)
    {
        if (excludedTenants.Count == 0)
        {
            _starts.Add(after?.RunId);
        }

        if (after is null)
        {
            _reads.Add(string.Join(',', excludedTenants.Order(StringComparer.Ordinal)));
        }

        return Task.FromResult<IReadOnlyList<DueRun>>(
        [
            .. _due.SkipWhile(run => after is not null && GetNumber(run) <= GetNumber(after))
                .Where(run => !excludedTenants.Contains(run.Tenant))
                .Take(PageSize),
        ]);
    }
}
