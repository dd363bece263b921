using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Runs.Api.Authentication;

namespace Runs.Client.Tests;

/// <summary>A host with a worker of the real server.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _hasCrashed;

    private RunningWorker(IHost host) => _host = host;

    public FakeLogCollector Log => _host.Services.GetFakeLogCollector();

    public static async Task<RunningWorker> Start(EmbeddedServer server, Action<RunsWorkerBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RUNS_URL"] = server.Address,
            ["RUNS_API_KEY"] = DevelopmentApiKey.Key,
            ["RUNS_PROJECT"] = EmbeddedServer.Project,
            // A separate key, because the registration of a key replaces the targets of the last one.
            ["RunsWorker:WorkerKey"] = Guid.CreateVersion7().ToString("N"),
        });
        builder.Logging.ClearProviders();
        builder.Services.AddFakeLogging();
        builder.Services.AddRunsWorker(configure);
        var host = builder.Build();
        await host.StartAsync();
        return new RunningWorker(host);
    }

    /// <summary>Stops the worker like SIGTERM.</summary>
    public Task Stop() => _host.StopAsync();

    /// <summary>
    /// Ends the loops of the worker without a release, like a crash of its process. Its handlers continue.
    /// </summary>
    public void Crash()
    {
        _hasCrashed = true;
        _host.Services.GetRequiredKeyedService<WorkerService>("").Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_hasCrashed)
        {
            await _host.StopAsync();
        }

        _host.Dispose();
    }
}
