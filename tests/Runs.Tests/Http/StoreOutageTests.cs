using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>What callers of the embedded default are told while its file is away.</summary>
public sealed class StoreOutageTests(MovableStack stack) : IClassFixture<MovableStack>
{
    // A reply that never comes takes ten.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_store_that_is_moved_away_is_told_at_once_and_gone_on_with_when_it_is_back()
    {
        var (before, refused) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(before));
        stack.MoveAway();

        // The first of them may be what finds it out.
        for (var i = 0; i < 5; i++)
        {
            await AssertRefused("/runs", Calls.Task(refused));
            await AssertRefused($"/runs/{before}/cancel", null);
            await AssertRefused($"/runs/{before}/events", new { events = new[] { new { type = "CUSTOM" } } });
        }

        await Eventually.Holds(async () => (await stack.Client.GetAsync("/health/ready")).StatusCode == System.Net.HttpStatusCode.ServiceUnavailable, AtOnce);
        (await stack.Client.Read($"/runs/{before}")).IsProblem(503);

        stack.MoveBack();
        await Eventually.Holds(async () => (await stack.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
        await Eventually.Holds(async () => (await stack.Client.Post("/runs", Calls.Task())).Status == 202);
        Assert.Equal("pending", (await stack.Client.Read($"/runs/{before}"))["status"].GetString());
        (await stack.Client.Read($"/runs/{refused}")).IsProblem(404);
    }

    [Fact]
    public async Task A_store_that_is_known_to_be_away_is_not_asked()
    {
        var run = (await stack.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();

        // The probe may find the store well again at any moment.
        await Eventually.Succeeds(async () =>
        {
            stack.Availability.SetUnavailable(new TimeoutException());
            await AssertRefused("/runs", Calls.Task());
        });
        await Eventually.Succeeds(async () =>
        {
            stack.Availability.SetUnavailable(new TimeoutException());
            await AssertRefused($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM" } } });
        });

        await Eventually.Holds(async () => (await stack.Client.Post("/runs", Calls.Task())).Status == 202);
    }

    [Fact]
    public async Task A_file_that_is_no_database_does_not_end_the_process()
    {
        var data = Directory.CreateTempSubdirectory("runs-garbage-");
        var file = Path.Combine(data.FullName, "runs.db");
        await File.WriteAllTextAsync(file, new string('x', 10_000));
        await using var server = RunsServer.Build(["--environment", "Development", "--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Embedded:DataDirectory"] = data.FullName });
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
        var answer = await stack.Client.Post(path, body);

        answer.IsProblem(503, "Nothing was stored");
        Assert.Equal("STORE_UNAVAILABLE", answer["code"].GetString());
        Assert.Equal("1", answer.Headers["Retry-After"]);
        Assert.NotEmpty(answer["run_id"].GetString()!);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, AtOnce);
    }
}

/// <summary>A server whose data directory can be moved away.</summary>
public sealed class MovableStack : EmbeddedStack
{
    private string _data = null!;

    private string Away => _data + "-away";

    public void MoveAway() => Directory.Move(_data, Away);

    public void MoveBack() => Directory.Move(Away, _data);

    protected override async Task<Dictionary<string, string?>> Settings()
    {
        var settings = await base.Settings();
        _data = settings["Embedded:DataDirectory"]!;
        return settings;
    }
}
