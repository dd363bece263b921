using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Client.Tests;

/// <summary>A host with a worker, and the fake server that it works for.</summary>
internal sealed class WorkerHarness : IAsyncDisposable
{
    private WorkerHarness(FakeRunsServer server, IHost host, FakeTimeProvider? clock) => (Server, Host, Clock) = (server, host, clock);

    public FakeRunsServer Server { get; }

    public IHost Host { get; }

    /// <summary>The time of worker and server, in tests that set it.</summary>
    public FakeTimeProvider? Clock { get; }

    public FakeLogCollector Log => Host.Services.GetFakeLogCollector();

    public WorkerService Worker => Host.Services.GetRequiredKeyedService<WorkerService>("");

    /// <summary>Starts a server and a worker. Real time, unless <paramref name="hasFakeTime"/>.</summary>
    public static async Task<WorkerHarness> Start(
        Action<RunsWorkerBuilder> configure, bool hasFakeTime = false, Action<IServiceCollection>? services = null)
    {
        var clock = hasFakeTime ? new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) : null;
        var server = await FakeRunsServer.Start(clock);
        var host = Build(server, configure, clock, services);
        await host.StartAsync();
        return new WorkerHarness(server, host, clock);
    }

    public static IHost Build(
        FakeRunsServer server,
        Action<RunsWorkerBuilder> configure,
        TimeProvider? clock = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RUNS_URL"] = server.Address,
            ["RUNS_API_KEY"] = FakeRunsServer.ApiKey,
            ["RUNS_PROJECT"] = FakeRunsServer.Project,
        });
        builder.Logging.ClearProviders();
        builder.Services.AddFakeLogging();
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.Services.AddRunsWorker(configure);
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Waits until the worker executes nothing.</summary>
    public Task UntilIdle() => Eventually.Holds(() => Task.FromResult(Worker.RunningAttempts == 0));

    /// <summary>
    /// Moves the time by the duration of a heartbeat that the server holds, and waits until it holds the next one.
    /// </summary>
    public async Task AdvanceByHeartbeat(TimeSpan duration)
    {
        await Server.Until(() => Server.PendingHeartbeats == 1);
        var heartbeats = Server.Heartbeats.Count;
        Clock!.Advance(duration);
        await Server.Until(() => Server.Heartbeats.Count > heartbeats && Server.PendingHeartbeats == 1);
    }

    /// <summary>Moves the time until a condition holds.</summary>
    public Task AdvanceUntil(Func<bool> condition, TimeSpan? step = null) => Eventually.Holds(() =>
    {
        if (!condition())
        {
            Clock!.Advance(step ?? TimeSpan.FromMilliseconds(250));
        }

        return Task.FromResult(condition());
    });

    public async ValueTask DisposeAsync()
    {
        await Wait(Host.StopAsync());
        // The HTTP client waits on the same clock for calls that handlers have not ended.
        await Wait(((IAsyncDisposable)Host).DisposeAsync().AsTask());
        await Server.DisposeAsync();
    }

    private async Task Wait(Task ended)
    {
        if (Clock is not null)
        {
            await AdvanceUntil(() => ended.IsCompleted, TimeSpan.FromSeconds(5));
        }

        await ended;
    }
}
