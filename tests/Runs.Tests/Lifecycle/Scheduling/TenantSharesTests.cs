using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

public sealed class TenantSharesTests
{
    [Theory]
    [InlineData(6, "a 4", "b 1", "c 1")]
    [InlineData(3, "a 1", "b 1", "c 1")]
    [InlineData(1_000, "a 900", "b 1", "c 1")]
    public void Each_tenant_has_the_same_share(int count, params string[] expected)
    {
        string[] items = [.. Enumerable.Repeat("a", 900), "b", "c"];

        var selected = TenantShares.Select(items, tenant => tenant, count);

        Assert.Equal(expected, selected.CountBy(tenant => tenant).Select(tenant => $"{tenant.Key} {tenant.Value}").Order());
    }

    [Fact]
    public void Two_selections_of_a_part_of_the_same_items_differ()
    {
        var items = Enumerable.Range(0, 1_000).ToList();

        var first = TenantShares.Select(items, _ => "a", 250);
        var second = TenantShares.Select(items, _ => "a", 250);

        // 62 on average; below 30 and above 100 with a probability of less than one in a million.
        Assert.InRange(first.Intersect(second).Count(), 30, 100);
    }
}
