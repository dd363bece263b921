using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>Workers of two servers that share a store, and everything that the servers log.</summary>
public sealed class WorkerProcessesTests : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-workers-");
    private readonly ServerApplication _one;
    private readonly ServerApplication _other;

    public WorkerProcessesTests() => (_one, _other) = (new ServerApplication(_data), new ServerApplication(_data));

    public async Task InitializeAsync()
    {
        await _one.InitializeAsync();
        await _other.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task Tokens_of_concurrent_registrations_on_two_servers_are_accepted_by_both()
    {
        var key = TestRequests.NewUuid();

        var registered = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            Task.Run(() => (i % 2 == 0 ? _one : _other).Client.RegisterWorker(key))));

        foreach (var registration in registered)
        {
            foreach (var server in new[] { _one, _other })
            {
                using var process = server.CreateWorkerClient(registration);
                await Eventually.Holds(async () => (await process.Heartbeat(registration.Worker.Id)).Status == 200);
            }
        }
    }

    [Fact]
    public async Task A_revocation_on_one_server_takes_effect_on_the_other()
    {
        var registered = await _one.Client.RegisterWorker();
        using var process = _other.CreateWorkerClient(registered);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);

        Assert.Equal(204, (await _one.Client.RevokeWorker(registered.Worker.Id)).Status);

        // The other server has cached the token, for a short time in this test.
        await Eventually.Holds(async () => (await process.Heartbeat(registered.Worker.Id)).Status == 401);
        (await process.Get("/runs/any")).AssertProblem(401, "Invalid authentication token");
    }

    [Fact]
    public async Task Neither_tokens_nor_metadata_are_logged()
    {
        const string Metadata = "a-payload-of-the-worker";
        var body = WorkerClientExtensions.WorkerBody().With("metadata", new { note = Metadata });
        var registered = (await _one.Client.Post(WorkerClientExtensions.WorkersPath(), body)).Read<RegisteredWorker>(201);
        using var process = _one.CreateWorkerClient(registered);
        using var thief = _one.CreateClient($"{registered.Token[..^5]}thief");

        await process.Heartbeat(registered.Worker.Id);
        await process.Get("/runs/any");
        await thief.Heartbeat(registered.Worker.Id);
        await _one.Client.RevokeWorker(registered.Worker.Id);
        await process.Heartbeat(registered.Worker.Id);

        await Eventually.Holds(() => Task.FromResult(
            _one.AuditLog.Entries.Count(entry => entry["ActorId"] == registered.Worker.Id) >= 3));
        Assert.Contains(_one.Log.Entries, entry => entry.Text.Contains("heartbeat", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(_one.Log.Entries, entry => Contains(entry, registered.Token[^43..^5]) || Contains(entry, Metadata));

        static bool Contains((LogLevel Level, string Text, Exception? Cause) entry, string secret) =>
            $"{entry.Text} {entry.Cause}".Contains(secret, StringComparison.Ordinal);
    }

    /// <summary>A server on a shared file, with everything that it logs.</summary>
    private sealed class ServerApplication(DirectoryInfo data) : RunsApplication
    {
        public RecordingLogger<ServerApplication> Log { get; } = new();

        protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["Sqlite:DataDirectory"] = data.FullName,
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
        });

        protected override void ConfigureBuilder(WebApplicationBuilder builder) =>
            builder.Logging.AddProvider(new RecordingLoggerProvider(Log));
    }

    private sealed class RecordingLoggerProvider(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
