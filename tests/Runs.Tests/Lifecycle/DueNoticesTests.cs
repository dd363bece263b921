using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

public sealed class DueNoticesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DueNotices _notices;

    public DueNoticesTests() => _notices = new DueNotices(_clock);

    [Fact]
    public void A_run_is_told_of_once_within_some_seconds_and_then_again()
    {
        var run = Due("dev", 1);

        Assert.True(_notices.TryAdd(run));
        Assert.False(_notices.TryAdd(run));
        Pass(DueNotices.Lifetime - TimeSpan.FromSeconds(1));
        Assert.False(_notices.TryAdd(run));
        Pass(TimeSpan.FromSeconds(1));
        Assert.True(_notices.TryAdd(run));
    }

    [Fact]
    public void A_tenant_with_many_due_runs_has_a_share_and_others_have_theirs()
    {
        var told = Enumerable.Range(0, 3 * DueNotices.MaxPerTenant).Count(number => _notices.TryAdd(Due("many", number)));

        Assert.Equal(DueNotices.MaxPerTenant, told);
        Assert.Equal(["many"], _notices.TenantsWithoutShare);
        Assert.True(_notices.TryAdd(Due("few", 1)));

        Pass(DueNotices.Lifetime);
        Assert.Empty(_notices.TenantsWithoutShare);
        Assert.True(_notices.TryAdd(Due("many", 3 * DueNotices.MaxPerTenant)));
    }

    private static DueRun Due(string tenant, int number) => new(RunKey.Of(tenant, $"run-{number}"), tenant, $"run-{number}", DateTimeOffset.UnixEpoch);

    private void Pass(TimeSpan time)
    {
        _clock.Advance(time);
        _notices.Forget();
    }
}
