using System.Diagnostics;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>Responses while the broker or the store is unavailable, and the state afterwards.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class OutageTests(ContainerFixture containers, OutageApplication application) : IClassFixture<OutageApplication>
{
    private static readonly TimeSpan MaxResponseTime = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task Creates_fail_in_time_while_broker_or_store_is_paused_and_a_retry_creates_one_run(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var named = Enumerable.Range(0, 10).Select(_ => TestRequests.TaskBody()).ToList();
        var anonymous = TestRequests.TaskBody().With("owner", new { kind = "project", id = TestRequests.NewUuid() }).Without("public_id");

        ApiResponse[] responses;
        await using (await container.Pause())
        {
            var watch = Stopwatch.StartNew();
            responses = await Task.WhenAll(named.Append(anonymous).Select(body => application.Client.Post("/runs", body)));
            Assert.True(watch.Elapsed < MaxResponseTime, $"{watch.Elapsed}");
        }

        Assert.All(responses, response => Assert.True(response.Status is 503 or 504, response.ToString()));
        var runIds = responses.Select(response => response.Read<ApiProblem>(response.Status).RunId).ToList();
        Assert.All(runIds, runId => Assert.NotEmpty(runId!));
        foreach (var body in named)
        {
            await Eventually.Succeeds(async () => await application.Client.Create(body));
            Assert.True((await application.Client.Create(body)).Duplicate);
        }

        // The queue is ordered, so that all earlier commands have been handled. Those that were late had expired,
        // unless their write was already running.
        if (part == "RabbitMq")
        {
            (await application.Client.Get($"/runs/{runIds[^1]}")).AssertProblem(404);
        }
    }

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task The_server_recovers_from_a_killed_broker_or_store_without_losing_acknowledged_runs(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var before = TestRequests.TaskBody();
        await application.Client.Create(before);

        await using (await container.Kill())
        {
            var during = await application.Client.Post("/runs", TestRequests.TaskBody());
            Assert.True(during.Status is 503 or 504, during.ToString());
            Assert.True((await application.Client.GetAsync("/health/live")).IsSuccessStatusCode);

            // Without the broker, reads succeed. The result of a ping is used for a second.
            var ready = part == "RabbitMq";
            await Eventually.Holds(async () => (await application.Client.GetAsync("/health/ready")).IsSuccessStatusCode == ready);
        }

        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
        Assert.True((await application.Client.Create(before)).Duplicate);
    }

    [Fact]
    public async Task A_late_reply_is_dropped_and_the_next_reply_is_received()
    {
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
        await using (await containers.MongoDb.Pause())
        {
            (await application.Client.Post("/runs", TestRequests.TaskBody())).AssertProblem(504);
        }

        await Eventually.Holds(() => Task.FromResult(application.Deliveries.LateReplies > 0));
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
        Assert.Equal(0, application.Deliveries.FailedReplies);
    }

    [Fact]
    public async Task A_published_outcome_returns_to_the_queue_until_the_store_is_available()
    {
        var run = TestRequests.NewId();
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody(run)));

        await using (await containers.MongoDb.Kill())
        {
            await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
            await Eventually.Holds(() => Task.FromResult(application.Deliveries.ReturnedCommands >= 2));
        }

        await Eventually.Succeeds(async () => Assert.Equal("completed", (await application.Client.GetRun(run)).Status));
    }
}
