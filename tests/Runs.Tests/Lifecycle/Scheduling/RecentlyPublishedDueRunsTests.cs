using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed class RecentlyPublishedDueRunsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecentlyPublishedDueRuns _published;

    public RecentlyPublishedDueRunsTests() => _published = new RecentlyPublishedDueRuns(_clock);

    [Fact]
    public void A_due_run_is_published_once_per_lifetime()
    {
        var run = CreateDueRun("dev", 1);

        Assert.True(_published.TryAdd(run));
        Assert.False(_published.TryAdd(run));
        Advance(RecentlyPublishedDueRuns.RepublishInterval - TimeSpan.FromSeconds(1));
        Assert.False(_published.TryAdd(run));
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(_published.TryAdd(run));
    }

    [Fact]
    public void A_tenant_with_many_due_runs_is_limited_and_other_tenants_are_served()
    {
        var added = Enumerable.Range(0, 3 * RecentlyPublishedDueRuns.MaxPerTenant)
            .Count(number => _published.TryAdd(CreateDueRun("many", number)));

        Assert.Equal(RecentlyPublishedDueRuns.MaxPerTenant, added);
        Assert.Equal(["many"], _published.TenantsAtLimit);
        Assert.True(_published.TryAdd(CreateDueRun("few", 1)));

        Advance(RecentlyPublishedDueRuns.RepublishInterval);
        Assert.Empty(_published.TenantsAtLimit);
        Assert.True(_published.TryAdd(CreateDueRun("many", 3 * RecentlyPublishedDueRuns.MaxPerTenant)));
    }

    [Fact]
    public void A_run_with_a_new_due_time_is_published_again()
    {
        var run = CreateDueRun("dev", 1);

        Assert.True(_published.TryAdd(run));
        Assert.True(_published.TryAdd(run with { DueAt = run.DueAt.AddSeconds(1) }));
    }

    [Fact]
    public void The_total_number_is_limited()
    {
        for (var number = 0; number < 50_000; number++)
        {
            Assert.False(_published.IsFull);
            Assert.True(_published.TryAdd(CreateDueRun($"tenant-{number % 100}", number)));
        }

        Assert.True(_published.IsFull);
        Assert.False(_published.TryAdd(CreateDueRun("dev", 1)));
        Assert.Empty(_published.TenantsAtLimit);
        Advance(RecentlyPublishedDueRuns.RepublishInterval);
        Assert.False(_published.IsFull);
        Assert.True(_published.TryAdd(CreateDueRun("dev", 1)));
    }

    private static DueRun CreateDueRun(string tenant, int number) =>
        new(RunIds.ForRun(tenant, $"run-{number}"), tenant, $"run-{number}", DateTimeOffset.UnixEpoch);

    private void Advance(TimeSpan time)
    {
        _clock.Advance(time);
        _published.RemoveExpired();
    }
}
