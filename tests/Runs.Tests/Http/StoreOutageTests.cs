using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>What callers of the embedded default are told while its file is away.</summary>
public sealed class StoreOutageTests(MovableStoreApplication application) : IClassFixture<MovableStoreApplication>
{
    // A reply that never comes takes ten.
    private static readonly TimeSpan MaxResponseTime = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_missing_database_is_reported_at_once_and_used_again_when_it_is_back()
    {
        var (before, refused) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(before));
        application.MoveAway();

        // The first of them may be what finds it out.
        for (var i = 0; i < 5; i++)
        {
            await AssertRefused("/runs", TestRequests.TaskBody(refused));
            await AssertRefused($"/runs/{before}/cancel", null);
            await AssertRefused($"/runs/{before}/events", new { events = new[] { new { type = "CUSTOM" } } });
        }

        await Eventually.Holds(async () => (await application.Client.GetAsync("/health/ready")).StatusCode == System.Net.HttpStatusCode.ServiceUnavailable, MaxResponseTime);
        (await application.Client.Get($"/runs/{before}")).AssertProblem(503);

        application.MoveBack();
        await Eventually.Holds(async () => (await application.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
        await Eventually.Holds(async () => (await application.Client.Post("/runs", TestRequests.TaskBody())).Status == 202);
        Assert.Equal("pending", (await application.Client.Get($"/runs/{before}"))["status"].GetString());
        (await application.Client.Get($"/runs/{refused}")).AssertProblem(404);
    }

    [Fact]
    public async Task Requests_fail_without_a_store_call_while_the_store_is_unavailable()
    {
        var run = (await application.Client.Create(TestRequests.TaskBody())).GetProperty("run").GetProperty("run_id").GetString();

        // The probe may find the store well again at any moment.
        await Eventually.Succeeds(async () =>
        {
            application.Availability.SetUnavailable(new TimeoutException());
            await AssertRefused("/runs", TestRequests.TaskBody());
        });
        await Eventually.Succeeds(async () =>
        {
            application.Availability.SetUnavailable(new TimeoutException());
            await AssertRefused($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM" } } });
        });

        await Eventually.Holds(async () => (await application.Client.Post("/runs", TestRequests.TaskBody())).Status == 202);
    }

    [Fact]
    public async Task A_corrupt_database_file_does_not_stop_the_process()
    {
        var data = Directory.CreateTempSubdirectory("runs-garbage-");
        var file = Path.Combine(data.FullName, "runs.db");
        await File.WriteAllTextAsync(file, new string('x', 10_000));
        await using var server = ServerBuilder.Build(["--environment", "Development", "--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Sqlite:DataDirectory"] = data.FullName });
            builder.Logging.ClearProviders();
        });
        await server.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };

        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        File.Delete(file);
        await Eventually.Holds(async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode);

        await server.StopAsync();
        await server.DisposeAsync();
        data.Delete(recursive: true);
    }

    private async Task AssertRefused(string path, object? body)
    {
        var watch = Stopwatch.StartNew();
        var answer = await application.Client.Post(path, body);

        answer.AssertProblem(503, "Nothing was stored");
        Assert.Equal("STORE_UNAVAILABLE", answer["code"].GetString());
        Assert.Equal("1", answer.Headers["Retry-After"]);
        Assert.NotEmpty(answer["run_id"].GetString()!);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, MaxResponseTime);
    }
}

/// <summary>A server whose data directory can be moved away.</summary>
public sealed class MovableStoreApplication : EmbeddedApplication
{
    private string _data = null!;

    private string MovedDirectory => _data + "-away";

    public void MoveAway() => Directory.Move(_data, MovedDirectory);

    public void MoveBack() => Directory.Move(MovedDirectory, _data);

    protected override async Task<Dictionary<string, string?>> CreateSettings()
    {
        var settings = await base.CreateSettings();
        _data = settings["Sqlite:DataDirectory"]!;
        return settings;
    }
}
