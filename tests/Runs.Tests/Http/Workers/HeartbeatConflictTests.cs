using Runs.Store;

namespace Runs.Tests.Http;

/// <summary>A heartbeat and a change of its run at the same time.</summary>
public sealed class HeartbeatConflictTests(InterceptedApplication application) : IClassFixture<InterceptedApplication>
{
    [Fact]
    public async Task A_heartbeat_of_a_run_that_is_cancelled_during_the_renewal_has_the_status_cancelled()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();
        var run = await worker.ClaimTask();
        application.InterceptedStore.OnCall = method =>
        {
            if (method == nameof(IRunStore.RenewLeases))
            {
                application.InterceptedStore.OnCall = null;
                Cancel(run.RunId);
            }
        };

        var response = await worker.Heartbeat(new { runs = new[] { new { run_id = run.RunId, attempt = run.Attempt } } });

        var lease = Assert.Single(response.Runs!);
        Assert.Equal(("cancelled", (DateTimeOffset?)null), (lease.Status, lease.LeaseExpiresAt));
    }

    // The interceptor is synchronous.
    private void Cancel(string runId) => Task.Run(() => application.Client.Cancel(runId)).GetAwaiter().GetResult();
}
