namespace Runs.Tests.Http;

public sealed class LongPollTests(EmbeddedApplication application) : LongPollTests<EmbeddedApplication>(application);

/// <summary>Reads of a run that wait for a change.</summary>
public abstract class LongPollTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_long_poll_returns_when_the_run_changes()
    {
        var run = await Client.CreateRunningAgent();
        var before = await Client.Get($"/runs/{run}");
        using var polling = CreateClientWith("If-None-Match", before.Headers["ETag"]);

        var poll = polling.Get($"/runs/{run}?wait=30");
        await Client.AppendTexts(run, 1); // does not change the run
        await Client.Wait(run, new { reason = "approval" });
        var changed = await poll;

        Assert.Equal("waiting", changed.Read<ApiRun>().Status);
        Assert.NotEqual(before.Headers["ETag"], changed.Headers["ETag"]);
    }

    [Fact]
    public async Task A_long_poll_without_an_ETag_waits_until_the_run_has_finished()
    {
        var run = await Client.CreateRunningAgent();
        using var polling = CreateClientWith("Prefer", "respond-async, wait=30");

        var poll = polling.GetRun(run);
        await Client.Wait(run, new { reason = "approval" });
        await Client.Complete(run, new { status = "completed", output = 42 });

        var finished = await poll;
        Assert.Equal("completed", finished.Status);
        Assert.Equal(42, finished.Output.GetInt32());
        Assert.Equal(200, (await polling.Get($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task A_long_poll_that_times_out_returns_304()
    {
        var run = await Client.CreateRunningAgent();
        var before = await Client.Get($"/runs/{run}");
        using var polling = CreateClientWith("If-None-Match", $"\"other\", {before.Headers["ETag"]}");

        Assert.Equal(304, (await polling.Get($"/runs/{run}")).Status);
        Assert.Equal(304, (await polling.Get($"/runs/{run}?wait=1")).Status);
        Assert.Equal(200, (await Client.Get($"/runs/{run}?wait=1")).Status);
        (await Client.Get($"/runs/{run}?wait=61")).AssertProblem(400, null, "wait");
        (await Client.Get($"/runs/{run}?wait=x")).AssertProblem(400, null, "wait");
        (await Client.Get($"/runs/{TestRequests.NewId()}?wait=1")).AssertProblem(404);
    }

    private HttpClient CreateClientWith(string header, string value)
    {
        var client = application.CreateClient(DevelopmentApiKey.Key);
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        return client;
    }
}
