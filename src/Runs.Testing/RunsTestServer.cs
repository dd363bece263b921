using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Api.Authentication;
using Runs.Client;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server;
using Runs.Store;
using Runs.Worker;

namespace Runs.Testing;

/// <summary>
/// The real server in the process of a test: on a free port of the loopback address, with the broker in memory and the
/// store in a temporary folder. Each instance is a separate service. Thread-safe.
/// </summary>
public sealed class RunsTestServer : IAsyncDisposable
{
    /// <summary>The project of <see cref="Client"/> and of the workers, a UUID.</summary>
    public const string Project = "00000000-0000-4000-8000-000000000001";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxStopTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-testing-");
    private readonly List<IHost> _workers = [];
    private readonly TimeProvider _clock;
    private readonly WebApplication _app;
    private ServiceProvider? _client;

    private RunsTestServer(TimeProvider clock)
    {
        _clock = clock;
        var builder = ServerBuilder.CreateBuilder(["--environment", Environments.Development, "--urls", "http://127.0.0.1:0"]);
        // Last, so that settings in the environment of the test do not apply.
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Role"] = "all",
            ["ConnectionStrings:RabbitMq"] = null,
            ["ConnectionStrings:MongoDb"] = null,
            ["Sqlite:DataDirectory"] = _data.FullName,
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock);
        _app = ServerBuilder.Build(builder);
    }

    /// <summary>The address of the API.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>The key of every call.</summary>
    public static string ApiKey => DevelopmentApiKey.Key;

    /// <summary>A client of the server.</summary>
    public RunsClient Client => _client!.GetRequiredService<RunsClient>();

    /// <summary>Starts a server, and waits until it accepts commands.</summary>
    /// <param name="clock">
    /// The time of the server and of its workers; the system's when null. With a fake one, delays, leases, timeouts and
    /// schedules pass when the test advances it. Intervals of polls are on this clock, too: advance it in small steps
    /// while the test waits.
    /// </param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="OperationCanceledException">The server is not ready within a minute.</exception>
    public static async Task<RunsTestServer> Start(TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var server = new RunsTestServer(clock ?? TimeProvider.System);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(DefaultTimeout);
        try
        {
            await server.StartServer(deadline.Token);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a worker. It is stopped with the server.</summary>
    /// <param name="configure">
    /// Adds handlers, and the services that they need to <see cref="RunsWorkerBuilder.Services"/>.
    /// </param>
    /// <returns>The host of the worker. Stop it to test a shutdown.</returns>
    public async Task<IHost> AddWorker(Action<RunsWorkerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(_clock);
        builder.Services.AddRunsClient(Configure);
        builder.Services.AddRunsWorker(worker =>
        {
            // Of its own: the registration of a key replaces the targets of the last one.
            worker.Configure(options => options.WorkerKey = $"test-{Guid.CreateVersion7():N}");
            configure(worker);
        });
        var host = builder.Build();
        lock (_workers)
        {
            _workers.Add(host);
        }

        await host.StartAsync();
        return host;
    }

    /// <summary>Waits until a run has ended.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="timeout">The maximum wait in real time; a minute when null.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="TimeoutException">The run has not ended in time.</exception>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public async Task<RunResource> Ended(string runId, TimeSpan? timeout = null)
    {
        using var deadline = new CancellationTokenSource(timeout ?? DefaultTimeout);
        RunResource run;
        while (!RunStatuses.IsTerminal((run = await Client.Get(runId)).Status))
        {
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"The run {runId} has not ended: its status is {run.Status}.");
            }

            await Task.Delay(PollingInterval);
        }

        return run;
    }

    /// <summary>
    /// Ends the current attempt of a run as if its lease had ended. Its worker is notified, and the run is executed
    /// again or fails, by its <c>backoff_limit</c>.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <exception cref="InvalidOperationException">No worker holds the run.</exception>
    public async Task LoseLease(string runId)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        var id = RunIds.ForRun(DevelopmentApiKey.Tenant, runId);
        var store = _app.Services.GetRequiredService<IRunStore>();
        if (await FindHeld(store, id) is not { } first)
        {
            throw new InvalidOperationException($"No worker holds the run {runId}.");
        }

        // Again after a renewal by the worker, until the attempt has ended.
        while (await FindHeld(store, id) is { } run && run.Attempt == first.Attempt)
        {
            var past = (_clock.GetUtcNow() - TimeSpan.FromHours(1)).TruncateToMilliseconds();
            await store.RenewLeases([new LeaseRenewal(id, run.Version, past, past)], CancellationToken.None);
            await _app.Services.GetRequiredService<IBus>().Publish(new RunDue(DevelopmentApiKey.Tenant, runId));
            await Task.Delay(PollingInterval);
        }
    }

    /// <summary>Stops the workers and the server, and removes the temporary folder.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await Stop(worker);
            await DisposeWorker(worker);
        }

        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        await Stop(_app);
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    // Not always gracefully: with a fake clock, the grace period of a running handler does not pass.
    private static async Task Stop(IHost host)
    {
        using var deadline = new CancellationTokenSource(MaxStopTime);
        try
        {
            await host.StopAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // What has not stopped in time ends when the host is disposed of.
        }
    }

    // Bounded: the HTTP client waits for pending calls, and with a fake clock its timeout does not pass.
    private static async Task DisposeWorker(IHost worker)
    {
        try
        {
            await ((IAsyncDisposable)worker).DisposeAsync().AsTask().WaitAsync(MaxStopTime);
        }
        catch (TimeoutException)
        {
            // Its calls end with the server.
        }
    }

    private static async Task<Run?> FindHeld(IRunStore store, Guid id) =>
        (await store.ReadLeases([id], CancellationToken.None)) is [{ LeaseExpiresAt: not null } run] ? run : null;

    private async Task StartServer(CancellationToken cancellationToken)
    {
        await _app.StartAsync(cancellationToken);
        _client = new ServiceCollection().AddRunsClient(Configure).Services.BuildServiceProvider();
        using var http = new HttpClient { BaseAddress = Address };
        while (!(await http.GetAsync(new Uri("/health/commands", UriKind.Relative), cancellationToken)).IsSuccessStatusCode)
        {
            await Task.Delay(PollingInterval, cancellationToken);
        }
    }

    private void Configure(RunsClientOptions options)
    {
        options.Address = Address;
        options.ApiKey = ApiKey;
        options.Project = Project;
    }
}
