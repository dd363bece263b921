using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>
/// Appends use the end of the log that their process knows, and detect that it is not the end any more.
/// </summary>
public sealed class AppendHeadsTests(InterceptedApplication application) : IClassFixture<InterceptedApplication>
{
    private HttpClient Client => application.Client;

    private int Reads => application.InterceptedStore.CountCalls(nameof(IRunStore.FindWithoutPayload));

    [Fact]
    public async Task Only_the_first_append_of_a_process_reads_the_run()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 2);
        var reads = Reads;

        var second = await Client.AppendTexts(run, 2);
        var response = await Client.Post(
            $"{ApiPaths.ConversationRun(run)}/events", EventBodies.AppendAfter(5, 4, EventBodies.Text("end")));
        var third = response.Read<AppendResponse>();

        Assert.Equal(reads, Reads);
        Assert.Equal((5, 2, 4), (second.LatestEventId, second.AppendedCount, second.LatestExternalEventSequence));
        Assert.Equal(6, third.LatestEventId);
        Assert.Equal(await Client.GetConversationRun(run), third.Run);
    }

    [Fact]
    public async Task An_append_after_that_of_another_process_continues_its_log()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 1);
        var stored = (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
        var other = new RunEvent(3, "CUSTOM", true, 2, stored.LatestEventAt!.Value, new RawJson("""{"type":"CUSTOM"}"""));
        Assert.True(await application.Store.TryAppend(stored, [other], default));

        var appended = await Client.AppendTexts(run, 1);

        Assert.Equal((4, 3), (appended.LatestEventId, appended.LatestExternalEventSequence));
        Assert.Equal([1, 2, 3, 4], (await application.ReadStoredEvents(run)).Select(logged => logged.EventId));
    }

    [Fact]
    public async Task An_append_after_a_change_of_the_status_is_rejected()
    {
        var (waiting, ended) = (await Client.CreateRunningAgent(), await Client.CreateRunningAgent());
        await Client.AppendTexts(waiting, 1);
        await Client.AppendTexts(ended, 1);
        await Client.Wait(waiting, new { reason = "approval" });
        await Client.Complete(ended);

        (await Client.Post($"/runs/{waiting}/events", EventBodies.Append(EventBodies.Text("late")))).AssertProblem(400, "waiting");
        (await Client.Post($"/runs/{ended}/events", EventBodies.Append(EventBodies.Text("late")))).AssertProblem(400);
        Assert.Equal(3, (await application.ReadStoredEvents(ended)).Count);
    }

    [Fact]
    public async Task A_known_run_is_not_found_in_another_conversation()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 1);

        var response = await Client.Post(
            $"/conversations/{TestRequests.NewUuid()}/runs/{run}/events", EventBodies.Append(EventBodies.Text("text")));

        response.AssertProblem(404);
    }

    [Fact]
    public async Task A_failed_append_forgets_the_run()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 1);
        application.InterceptedStore.FailingMethod = nameof(IRunStore.TryAppend);
        application.InterceptedStore.Failure = new StoreUnavailableException("unknown", null);
        var failed = await Client.Post($"/runs/{run}/events", EventBodies.Append(EventBodies.Text("unknown")));
        application.InterceptedStore.Failure = null;
        var reads = Reads;

        var appended = await Client.AppendTexts(run, 1);

        failed.AssertProblemCode(504, "OUTCOME_UNKNOWN");
        Assert.Equal(reads + 1, Reads);
        Assert.Equal(3, appended.LatestEventId);
    }

    [Theory]
    [InlineData("""{"type":"RUN_STARTED"}""")]
    [InlineData("""{"type":"CUSTOM"}""")]
    public async Task An_append_that_started_its_run_has_an_unknown_outcome_when_the_next_read_fails(string firstEvent)
    {
        var run = (await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", input = new { } }))).Run.RunId;
        var store = application.InterceptedStore;
        store.FailingMethod = nameof(IRunStore.FindWithoutPayload);
        var failure = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        store.OnCall = method => store.Failure = method == nameof(IRunStore.TryReplace) ? failure : store.Failure;
        ApiResponse response;
        try
        {
            response = await Client.Post($"/runs/{run}/events", EventBodies.Append(firstEvent, EventBodies.Text("a")));
        }
        finally
        {
            (store.OnCall, store.Failure) = (null, null);
        }

        response.AssertProblemCode(504, "OUTCOME_UNKNOWN");
        Assert.Equal("RUN_STARTED", Assert.Single(await application.ReadStoredEvents(run)).EventType);
    }

    [Fact]
    public void The_heads_of_a_process_are_bounded_and_only_of_running_runs()
    {
        using var heads = new RunHeadCache();
        for (var i = 0; i < 20_000; i++)
        {
            heads.Store(RunHead.From(TestRuns.Create().NextVersion(run => run.Status = RunStatuses.Running)));
        }

        Assert.InRange(heads.Count, 1, 10_000);
        var waiting = TestRuns.Create().NextVersion(run => run.Status = RunStatuses.Waiting);
        heads.Store(RunHead.From(waiting));
        Assert.Null(heads.Take(waiting.Id));
    }
}
