using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Server;

namespace Runs.Client.Tests;

/// <summary>
/// The real server in the process, with its embedded default, and a client of it. Attempts are retried and lost without
/// the usual delays.
/// </summary>
public sealed class EmbeddedServer : IAsyncLifetime
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";
    public const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-client-tests-");
    private WebApplication _app = null!;
    private ServiceProvider _services = null!;

    public RunsClient Client { get; private set; } = null!;

    public string Address => _app.Urls.First();

    public async Task InitializeAsync()
    {
        var builder = ServerBuilder.CreateBuilder(["--environment", "Development", "--urls", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sqlite:DataDirectory"] = _data.FullName,
            ["Execution:LeaseGrace"] = "00:00:00",
            ["Execution:RetryBase"] = "00:00:00.050",
            ["Lifecycle:DueRunPollingInterval"] = "00:00:00.100",
        });
        builder.Logging.ClearProviders();
        _app = ServerBuilder.Build(builder);
        await _app.StartAsync();
        _services = new ServiceCollection()
            .AddRunsClientTo(Address)
            .BuildServiceProvider();
        Client = _services.GetRequiredService<RunsClient>();
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        await Eventually.Holds(async () => (await http.GetAsync("/health/commands")).IsSuccessStatusCode);
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    public static string NewId() => $"run_{Guid.CreateVersion7():N}";
}
