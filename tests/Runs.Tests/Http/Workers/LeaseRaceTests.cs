using Runs.Store;

namespace Runs.Tests.Http;

public sealed class LeaseRaceTests(EmbeddedApplication application) : LeaseRaceTests<EmbeddedApplication>(application);

/// <summary>X9: renewals at the same moment as every other change of a run.</summary>
public abstract class LeaseRaceTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const int Rounds = 25;
    private const int RenewalsPerRound = 3;

    [Theory]
    [InlineData("complete")]
    [InlineData("cancel")]
    [InlineData("release")]
    [InlineData("wait")]
    public async Task X9_a_renewal_and_a_change_are_in_one_order_and_neither_undoes_the_other(string change)
    {
        using var worker = await TestWorker.Register(application);
        for (var round = 0; round < Rounds; round++)
        {
            var id = await worker.CreateTask(target: $"task:t{round}");
            var claimed = (await worker.Claim(new { headless = true, fenced = true, lease_duration_seconds = 30 })).Run!;

            var renewals = Enumerable.Range(0, RenewalsPerRound)
                .Select(number => worker.Renew(claimed.RunId, new { attempt = claimed.Attempt, lease_duration_seconds = 100 + number }))
                .ToList();
            await Change(worker, claimed, change);
            var renewed = (await Task.WhenAll(renewals)).Count(renewal => renewal.Run is not null);

            var run = (await application.Store.Find(RunIds.ForRun("dev", claimed.RunId), default))!;
            Assert.Equal(claimed.Attempt, run.Attempt);
            if (change == "wait")
            {
                Assert.Equal((RenewalsPerRound, RenewalsPerRound), (renewed, run.Renewals));
                Assert.True(run.LeaseExpiresAt > claimed.LeaseExpiresAt.AddSeconds(50));
            }
            else
            {
                Assert.Equal((null, null), (run.LeaseOwner, run.LeaseExpiresAt));
                Assert.Null((await worker.Renew(claimed.RunId)).Run);
            }

            await application.Client.Cancel(id); // so that the next claim does not take it again
        }
    }

    private static Task Change(TestWorker worker, ApiClaimedRun run, string change) => change switch
    {
        "complete" => worker.Client.Complete(run.RunId, new { status = "completed", attempt = run.Attempt }),
        "cancel" => worker.Client.Complete(run.RunId, new { status = "cancelled", attempt = run.Attempt }),
        "release" => worker.Release(run.RunId, new { attempt = run.Attempt, reason = "shutdown" }),
        _ => worker.Client.Wait(run.RunId, new { reason = "event", attempt = run.Attempt }),
    };
}
