using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>X9: renewals at the same moment as every other change of a run.</summary>
public sealed class RenewLeaseRaceTests : IAsyncLifetime
{
    private const int Rounds = 50;

    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Theory]
    [InlineData("complete")]
    [InlineData("cancel")]
    [InlineData("release")]
    [InlineData("wait")]
    public async Task X9_a_renewal_and_a_change_are_in_one_order_and_neither_undoes_the_other(string change)
    {
        foreach (var round in Enumerable.Range(0, Rounds))
        {
            var runId = $"run_{round}";
            await Claim(runId);

            var renewals = Enumerable.Range(0, 3).Select(attempt => Renew(runId, leaseSeconds: 100 + attempt)).ToList();
            var changed = Change(change, runId);
            var ends = await Task.WhenAll(renewals);
            await changed;

            var run = (await _harness.Find(runId))!;
            var isHeld = run.LeaseOwner is not null;
            Assert.Equal(change == "wait", isHeld);
            Assert.Equal(isHeld, run.LeaseExpiresAt is not null);
            Assert.Equal(1, run.Attempt);
            if (isHeld)
            {
                Assert.Contains(run.LeaseExpiresAt, ends);
                Assert.Equal(3, run.Renewals);
                Assert.All(ends, end => Assert.NotNull(end));
            }
            else
            {
                Assert.Equal(ends.Count(end => end is not null), run.Renewals ?? 0);
                Assert.Null(await Renew(runId, leaseSeconds: 60));
            }
        }
    }

    [Fact]
    public async Task X9_renewals_and_appends_do_not_disturb_each_other()
    {
        await Claim("run_append");
        var head = RunHead.From((await _harness.Find("run_append"))!);

        var renewals = Enumerable.Range(0, Rounds).Select(attempt => Renew("run_append", leaseSeconds: 60 + attempt)).ToList();
        for (var i = 0; i < Rounds; i++)
        {
            head = await _harness.Store.TryAppend(head, [TestRuns.CreateEvent(head.Run.LatestEventId + 1)], default);
            Assert.NotNull(head);
        }

        Assert.DoesNotContain(null, await Task.WhenAll(renewals));
        var run = (await _harness.Find("run_append"))!;
        Assert.Equal((head.Run.LatestEventId, Rounds), (run.LatestEventId, run.Renewals));
    }

    private async Task Claim(string runId)
    {
        await _harness.Send(LifecycleData.Create() with { RunId = runId });
        await _harness.Send(LifecycleData.Claim(Guid.CreateVersion7().ToString()) with { RunId = runId, LeaseSeconds = 30 });
    }

    private Task Change(string change, string runId) => change switch
    {
        "complete" => _harness.Send(LifecycleData.Complete() with { RunId = runId, Attempt = 1 }),
        "cancel" => _harness.Send(LifecycleData.Cancel() with { RunId = runId }),
        "release" => _harness.Send(LifecycleData.Release() with { RunId = runId }),
        _ => _harness.Send(LifecycleData.Wait() with { RunId = runId, Attempt = 1 }),
    };

    private async Task<DateTimeOffset?> Renew(string runId, int leaseSeconds)
    {
        var command = new RenewLease { Tenant = "acme", RunId = runId, WorkerId = "worker", Attempt = 1, LeaseSeconds = leaseSeconds };
        return (await _harness.Bus.GetRequestClient<RenewLease>().GetResponse<LeaseRenewed>(command)).Message.LeaseExpiresAt;
    }
}
