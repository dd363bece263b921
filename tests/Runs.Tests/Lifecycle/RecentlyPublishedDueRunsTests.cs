using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed class RecentlyPublishedDueRunsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecentlyPublishedDueRuns _publisher;

    public RecentlyPublishedDueRunsTests() => _publisher = new RecentlyPublishedDueRuns(_clock);

    [Fact]
    public void A_due_run_is_published_once_per_lifetime()
    {
        var run = CreateDueRun("dev", 1);

        Assert.True(_publisher.TryAdd(run));
        Assert.False(_publisher.TryAdd(run));
        Advance(RecentlyPublishedDueRuns.RepublishInterval - TimeSpan.FromSeconds(1));
        Assert.False(_publisher.TryAdd(run));
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(_publisher.TryAdd(run));
    }

    [Fact]
    public void A_tenant_with_many_due_runs_is_limited_and_other_tenants_are_served()
    {
        var told = Enumerable.Range(0, 3 * RecentlyPublishedDueRuns.MaxPerTenant).Count(number => _publisher.TryAdd(CreateDueRun("many", number)));

        Assert.Equal(RecentlyPublishedDueRuns.MaxPerTenant, told);
        Assert.Equal(["many"], _publisher.TenantsAtLimit);
        Assert.True(_publisher.TryAdd(CreateDueRun("few", 1)));

        Advance(RecentlyPublishedDueRuns.RepublishInterval);
        Assert.Empty(_publisher.TenantsAtLimit);
        Assert.True(_publisher.TryAdd(CreateDueRun("many", 3 * RecentlyPublishedDueRuns.MaxPerTenant)));
    }

    private static DueRun CreateDueRun(string tenant, int number) => new(RunIds.ForRun(tenant, $"run-{number}"), tenant, $"run-{number}", DateTimeOffset.UnixEpoch);

    private void Advance(TimeSpan time)
    {
        _clock.Advance(time);
        _publisher.RemoveExpired();
    }
}
