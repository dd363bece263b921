using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Fuzz;

namespace Runs.Tests.Lifecycle;

/// <summary>Commands without a response address while the store is unavailable for hours.</summary>
public sealed class LongStoreOutageTests(UnavailableStoreApplication application) : IClassFixture<UnavailableStoreApplication>
{
    [Fact]
    public async Task A_published_outcome_is_stored_after_a_store_outage_of_a_day()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        var calls = application.InterceptedStore.Calls;

        application.InterceptedStore.Failure = new StoreUnavailableException("Unavailable.", null);
        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(application.InterceptedStore.Calls > calls));
        for (var hour = 0; hour < 24; hour++)
        {
            application.Clock.Advance(TimeSpan.FromHours(1));
        }

        application.InterceptedStore.Failure = null;

        await Eventually.Succeeds(async () =>
        {
            application.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("completed", (await application.Client.GetRun(run)).Status);
        });
    }

    /// <summary>
    /// The exception of the failed read says that this call wrote nothing. The command before it has written.
    /// </summary>
    [Fact]
    public async Task A_read_that_fails_after_its_command_does_not_report_that_nothing_was_stored()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(run));

        var store = application.InterceptedStore;
        var exception = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        (store.FailingMethod, store.Failure) = (nameof(IRunStore.FindLinearizable), exception);
        var path = $"/conversations/{RunsApplication.Conversation}/input-requests";
        var response = await application.Client.Post(path, ValidBodies.InputRequest(run));
        (store.FailingMethod, store.Failure) = (null, null);

        response.AssertProblem(503);
        Assert.Equal("The run store does not respond. Retry later.", response.Read<ApiProblem>(503).Detail);
        Assert.Equal("waiting", (await application.Client.GetRun(run)).Status);
    }
}
