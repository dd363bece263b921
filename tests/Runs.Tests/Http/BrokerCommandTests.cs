using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class BrokerCommandTests(EmbeddedApplication application) : BrokerCommandTests<EmbeddedApplication>(application);

/// <summary>Commands that services publish to the broker, as the API shows their effects.</summary>
public abstract class BrokerCommandTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_create_published_to_the_broker_creates_the_run()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = TestRequests.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:from-the-broker","config":{"n":1.50}}"""),
        };

        await application.Bus.Publish(command);

        await Eventually.Holds(async () => (await Client.Get($"/runs/{command.RunId}")).Status == 200);
        Assert.Equal("""{"n":1.50}""", (await Client.GetRun(command.RunId)).Config.GetRawText());
    }

    [Fact]
    public async Task Executor_messages_drive_a_run_to_its_end_and_every_outbox_message_is_dispatched()
    {
        var run = await Client.CreateTask();
        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = run });
        await WaitForStatus("running");
        var wait = new WaitRun { Tenant = "dev", RunId = run, Reason = "tool", ToolCallId = "call_1", ToolName = "ask" };
        await application.Bus.Publish(wait);
        await WaitForStatus("waiting");
        Assert.Equal("tool", (await Client.GetRun(run)).WaitingReason);
        await application.Bus.Publish(new ResumeRun { Tenant = "dev", RunId = run, ToolCallId = "call_1", Result = new RawJson("42") });
        await WaitForStatus("running");

        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });

        await WaitForStatus("completed");
        await Eventually.Succeeds(async () => Assert.Empty((await application.Store.Find(RunIds.ForRun("dev", run), default))!.Outbox));

        Task WaitForStatus(string status) =>
            Eventually.Succeeds(async () => Assert.Equal(status, (await Client.GetRun(run)).Status));
    }

    [Fact]
    public async Task A_cancel_published_before_its_create_cancels_the_created_run()
    {
        var run = TestRequests.NewId();
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run });
        await Eventually.Holds(async () => await application.Store.Find(RunIds.ForRun("dev", run), default) is not null);
        (await Client.Get($"/runs/{run}")).AssertProblem(404);
        (await Client.Get($"/runs/{run}/stream")).AssertProblem(404);
        (await Client.Post($"/runs/{run}/cancel")).AssertProblem(404);
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""")).AssertProblem(404);
        (await Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run))).AssertProblem(404);

        var created = await Client.Create(TestRequests.TaskBody(run));
        var repeated = await Client.Create(TestRequests.TaskBody(run));

        Assert.Equal(("cancelled", false), (created.Run.Status, created.Duplicate));
        Assert.True(repeated.Duplicate);
        Assert.Equal("CANCELLED", Assert.Single((await Client.ListEvents(run)).Data).Payload.GetProperty("code").GetString());
        var cancelled = await Client.List<ApiRun>($"/projects/{RunsApplication.Project}/runs?status=cancelled&limit=100");
        Assert.Contains(cancelled.Data, listed => listed.RunId == run);
    }
}
