using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Runs.Client.Tests;

/// <summary>The first example of the package's README.</summary>
public sealed class TenLineWorkerTests
{
    [Fact]
    public async Task A_worker_of_ten_lines_executes_a_run()
    {
        await using var server = await FakeRunsServer.Start();
        var run = server.AddTask(target: "task:hello", config: new { name = "Ada" });
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RUNS_URL"] = server.Address,
            ["RUNS_API_KEY"] = FakeRunsServer.ApiKey,
            ["RUNS_PROJECT"] = FakeRunsServer.Project,
        });

        builder.Services.AddRunsWorker(worker => worker
            .Handle<Hello>("task:hello", (run, stop) => RunResult.Completed(new { text = $"Hello, {run.Config.Name}!" })));
        using var host = builder.Build();
        await host.StartAsync();
        await server.Until(() => run.HasEnded);
        await host.StopAsync();

        var outcome = Assert.Single(run.Outcomes);
        Assert.Equal("""{"text":"Hello, Ada!"}""", outcome["output"]!.ToJsonString());
        Assert.Equal(1, (int)outcome["attempt"]!);
    }

    [Fact]
    public async Task The_registration_has_targets_slots_and_the_project()
    {
        await using var harness = await WorkerHarness.Start(worker => worker
            .Handle<Hello>("task:b", (run, stop) => RunResult.Completed())
            .Handle<Hello>("task:a", (run, stop) => RunResult.Completed())
            .HandleAgents("writer", (run, stop) => Task.FromResult(RunResult.Completed()))
            .Configure(options => (options.MaxConcurrentRuns, options.WorkerKey) = (3, "key.1")));
        await harness.Server.Until(() => !harness.Server.Claims.IsEmpty);

        Assert.True(harness.Server.Registrations.TryDequeue(out var body));
        Assert.Equal(["task:a", "task:b"], body["targets"]!.AsArray().Select(target => (string?)target));
        Assert.Equal("writer", (string?)body["implementation_kind"]);
        Assert.Equal("key.1", (string?)body["worker_key"]);
        Assert.Equal(3, (int)body["max_concurrent_runs"]!);
        Assert.Equal(FakeRunsServer.Project, (string?)body["project"]);
        Assert.True(harness.Server.Claims.TryDequeue(out var claim));
        Assert.Equal(3, (int)claim["max_runs"]!);
        Assert.Equal((60, 30), ((int)claim["lease_duration_seconds"]!, (int)claim["wait_seconds"]!));
        Assert.True((bool)claim["fenced"]! && (bool)claim["headless"]!);
        Assert.Equal(harness.Server.Heartbeats.First()["instance_id"]!.ToString(), claim["instance_id"]!.ToString());
    }

    private sealed record Hello(string Name);
}
