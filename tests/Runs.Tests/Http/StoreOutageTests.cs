using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>Responses of the embedded default while its database file is missing or damaged.</summary>
public sealed class StoreOutageTests(MovableStoreApplication application) : IClassFixture<MovableStoreApplication>
{
    // The reply timeout is ten seconds.
    private static readonly TimeSpan MaxResponseTime = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_missing_database_is_reported_at_once_and_used_again_when_it_is_back()
    {
        var (before, rejected) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(before));
        application.MoveAway();

        // The first one may be what detects the outage.
        for (var i = 0; i < 5; i++)
        {
            await AssertStoreUnavailable("/runs", TestRequests.TaskBody(rejected));
            await AssertStoreUnavailable($"/runs/{before}/cancel", null);
            await AssertStoreUnavailable($"/runs/{before}/events", new { events = new[] { new { type = "CUSTOM" } } });
        }

        await Eventually.Holds(async () => (await application.Client.Get("/health/ready")).Status == 503, MaxResponseTime);
        (await application.Client.Get($"/runs/{before}")).AssertProblem(503);

        application.MoveBack();
        await Eventually.Holds(async () => (await application.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
        await Eventually.Holds(async () => (await application.Client.Post("/runs", TestRequests.TaskBody())).Status == 202);
        Assert.Equal("pending", (await application.Client.GetRun(before)).Status);
        (await application.Client.Get($"/runs/{rejected}")).AssertProblem(404);
    }

    [Fact]
    public async Task Requests_fail_without_a_store_call_while_the_store_is_unavailable()
    {
        var run = await application.Client.CreateTask();

        // The probe may find the store available again at any moment.
        await Eventually.Succeeds(async () =>
        {
            application.Availability.SetUnavailable();
            await AssertStoreUnavailable("/runs", TestRequests.TaskBody());
        });
        await Eventually.Succeeds(async () =>
        {
            application.Availability.SetUnavailable();
            await AssertStoreUnavailable($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM" } } });
        });

        await Eventually.Holds(async () => (await application.Client.Post("/runs", TestRequests.TaskBody())).Status == 202);
    }

    [Fact]
    public async Task The_token_of_a_worker_gets_503_and_not_401_while_the_database_is_missing()
    {
        var registered = await application.Client.RegisterWorker();
        using var process = application.CreateWorkerClient(registered);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);
        application.MoveAway();

        // At first, the token is cached, and the heartbeat itself fails.
        await Eventually.Holds(async () =>
        {
            var response = await process.Heartbeat(registered.Worker.Id);
            response.AssertProblem(503);
            return response.Read<ApiProblem>(503).Code == "CREDENTIAL_NOT_CHECKED";
        });
        (await application.Client.Post(WorkerClientExtensions.WorkersPath(), WorkerClientExtensions.WorkerBody()))
            .AssertProblemCode(503, "STORE_UNAVAILABLE");

        application.MoveBack();
        await Eventually.Holds(async () => (await process.Heartbeat(registered.Worker.Id)).Status == 200);
        await Eventually.Holds(async () => (await application.Client.Post("/runs", TestRequests.TaskBody())).Status == 202);
    }

    [Fact]
    public async Task A_corrupt_database_file_does_not_stop_the_process()
    {
        var data = Directory.CreateTempSubdirectory("runs-garbage-");
        var file = Path.Combine(data.FullName, "runs.db");
        await File.WriteAllTextAsync(file, new string('x', 10_000));
        var builder = ServerBuilder.CreateBuilder(
            ["--environment", "Development", "--urls", "http://127.0.0.1:0", "--Sqlite:DataDirectory", data.FullName]);
        builder.Logging.ClearProviders();
        await using var server = ServerBuilder.Build(builder);
        await server.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        File.Delete(file);
        await Eventually.Holds(async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode);

        await server.StopAsync();
        await server.DisposeAsync();
        data.Delete(recursive: true);
    }

    private async Task AssertStoreUnavailable(string path, object? body)
    {
        var watch = Stopwatch.StartNew();
        var response = await application.Client.Post(path, body);

        response.AssertProblem(503, "Nothing was stored");
        response.AssertProblemCode(503, "STORE_UNAVAILABLE");
        Assert.Equal("1", response.Headers["Retry-After"]);
        Assert.NotEmpty(response.Read<ApiProblem>(503).RunId!);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, MaxResponseTime);
    }
}
