using System.Net.Http.Headers;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Server;
using Runs.Store;

namespace Runs.Tests.Applications;

/// <summary>
/// The server in the test process, on a free port, and clients for it. Suites take an application as a type parameter,
/// and run on each kind of it.
/// </summary>
/// <remarks>
/// It has the members of a <c>WebApplicationFactory</c>, but is none. The server chooses role, store and broker from
/// its settings before <c>Build</c>, which is when a factory applies the settings of a test. A test chooses settings
/// asynchronously (a virtual host, a database), and starts, stops and disposes of several servers.
/// </remarks>
public abstract class RunsApplication : IAsyncLifetime
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";
    public const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";

    /// <summary>An API key of tenant <c>other</c>.</summary>
    public const string OtherKey = "vf_other_s_e_cret";

    private static readonly Dictionary<string, string?> DefaultSettings = new()
    {
        ["Auth:ApiKeys:0:Prefix"] = "other",
        ["Auth:ApiKeys:0:SecretSha256"] = ApiKey.ComputeHash("s_e_cret"),
        ["Auth:ApiKeys:0:Tenant"] = "other",
        ["Auth:PublicKey"] = TestTokens.PublicKey,
        ["Auth:Audience"] = TestTokens.Audience,
        ["Auth:Issuer"] = TestTokens.Issuer,
        ["Auth:KeyCacheDuration"] = "00:00:00.200",
        ["Auth:WorkerCacheDuration"] = "00:00:00.200",
        ["Api:ProjectSlugs:my/slug"] = Project,
        ["Api:StreamHeartbeatInterval"] = "00:00:00.300",
        ["Lifecycle:DueRunPollingInterval"] = "00:00:00.100",
        ["Lifecycle:OutboxPollingInterval"] = "00:00:00.200",
        ["Lifecycle:OutboxMinimumAge"] = "00:00:00.500",
        ["Logging:LogLevel:Runs.Audit"] = "Debug",
    };

    private WebApplication _app = null!;

    /// <summary>A client of tenant <c>dev</c>.</summary>
    public HttpClient Client { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    /// <summary>What the server logged in the category <c>Runs.Audit</c>.</summary>
    public AuditLogCapture AuditLog { get; } = new();

    internal RequestLimits Limits => Services.GetRequiredService<RequestLimits>();

    internal RequestRateLimiter Rates => Services.GetRequiredService<RequestRateLimiter>();

    internal StoreAvailability Availability => Services.GetRequiredService<StoreAvailability>();

    internal IApiKeyStore ApiKeyStore => Services.GetRequiredService<IApiKeyStore>();

    internal IWorkerStore WorkerStore => Services.GetRequiredService<IWorkerStore>();

    internal IRunStore Store => Services.GetRequiredService<IRunStore>();

    protected virtual string Environment => "Development";

    public virtual async Task InitializeAsync()
    {
        var settings = await CreateSettings();
        var builder = ServerBuilder.CreateBuilder(["--environment", Environment, "--urls", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection(DefaultSettings);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(AuditLog);
        ConfigureBuilder(builder);
        _app = ServerBuilder.Build(builder);
        await _app.StartAsync();
        Client = CreateClient(DevelopmentApiKey.Key);
        await Eventually.Holds(async () => (await Client.GetAsync("/health/commands")).IsSuccessStatusCode);
    }

    public virtual async Task DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
    }

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Creates a client with a credential: an API key or a token; null for none.</summary>
    public HttpClient CreateClient(string? credential) => new()
    {
        BaseAddress = new Uri(_app.Urls.First()),
        DefaultRequestHeaders = { Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential) },
    };

    /// <summary>
    /// Returns the recorded changes of a run of tenant <c>dev</c>, oldest first; none for an unknown run.
    /// </summary>
    public async Task<IReadOnlyList<RunChange>> GetChanges(string run) =>
        (await Store.Find(RunIds.ForRun("dev", run), default))?.Changes ?? [];

    /// <summary>Creates a client of tenant <c>dev</c> with a new key in the store.</summary>
    internal async Task<HttpClient> CreateClientWithKey(
        string scopes = "read write execute answer",
        string? project = null,
        string actorType = "system",
        string? userId = null,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? notAfter = null)
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        var record = new ApiKeyRecord
        {
            Prefix = prefix,
            SecretSha256 = ApiKey.ComputeHash(secret),
            Tenant = DevelopmentApiKey.Tenant,
            UserId = userId,
            Scopes = [.. scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            Projects = project is null ? [] : [project],
            ActorType = actorType,
            NotBefore = notBefore,
            NotAfter = notAfter,
        };
        Assert.True(await ApiKeyStore.TryInsert(record, default));
        return CreateClient(key);
    }

    /// <summary>Returns the settings of this kind of server, store and broker among them.</summary>
    protected abstract Task<Dictionary<string, string?>> CreateSettings();

    /// <summary>Adds or replaces services before the server is built.</summary>
    protected virtual void ConfigureBuilder(WebApplicationBuilder builder)
    {
    }
}
