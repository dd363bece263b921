using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Server;
using Runs.Store;

namespace Runs.Tests;

/// <summary>A server in the test process, on a port of its own, and callers of it. The suites that take an application run on every kind of it.</summary>
public abstract class RunsApplication : IAsyncLifetime
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";
    public const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";

    private WebApplication _app = null!;

    /// <summary>A caller of tenant <c>dev</c>.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the server logged in the category <c>Runs.Audit</c>.</summary>
    public AuditLogCapture AuditLog { get; } = new();

    public IBus Bus => _app.Services.GetRequiredService<IBus>();

    internal RequestLimits Limits => _app.Services.GetRequiredService<RequestLimits>();

    /// <summary>The server's rates of requests.</summary>
    internal RequestRateLimiter Rates => _app.Services.GetRequiredService<RequestRateLimiter>();

    internal StoreAvailability Availability => _app.Services.GetRequiredService<StoreAvailability>();

    internal IApiKeyStore ApiKeyStore => _app.Services.GetRequiredService<IApiKeyStore>();

    internal IRunStore Store => _app.Services.GetRequiredService<IRunStore>();

    protected virtual string Environment => "Development";

    protected abstract Task<Dictionary<string, string?>> CreateSettings();

    /// <summary>Replaces services before the server is built.</summary>
    protected virtual void ConfigureBuilder(WebApplicationBuilder builder)
    {
    }

    public virtual async Task InitializeAsync()
    {
        var settings = await CreateSettings();
        _app = ServerBuilder.Build(["--environment", Environment, "--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Auth:ApiKeys:0:Prefix"] = "other",
                ["Auth:ApiKeys:0:SecretSha256"] = ApiKey.ComputeHash("s_e_cret"),
                ["Auth:ApiKeys:0:Tenant"] = "other",
                ["Auth:PublicKey"] = TestTokens.PublicKey,
                ["Auth:Audience"] = TestTokens.Audience,
                ["Auth:Issuer"] = TestTokens.Issuer,
                ["Auth:KeyCacheDuration"] = "00:00:00.200",
                ["Api:ProjectSlugs:my/slug"] = Project,
                ["Api:StreamHeartbeatInterval"] = "00:00:00.300",
                ["Lifecycle:DueRunPollingInterval"] = "00:00:00.100",
                ["Lifecycle:OutboxPollingInterval"] = "00:00:00.200",
                ["Lifecycle:OutboxMinimumAge"] = "00:00:00.500",
                ["Logging:LogLevel:Runs.Audit"] = "Debug",
            });
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(AuditLog);
            ConfigureBuilder(builder);
        });
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

    /// <summary>A caller of tenant <c>dev</c> with a key of the store.</summary>
    internal async Task<HttpClient> CreateClientWithKey(
        string scopes = "read write execute answer", string? project = null, string actorType = "system", string? userId = null,
        DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        Assert.True(await ApiKeyStore.TryInsert(
            new ApiKeyRecord
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
            },
            default));
        return CreateClient(key);
    }

    /// <summary>The recorded changes of a run of tenant <c>dev</c>, oldest first; none when there is no such run.</summary>
    public async Task<IReadOnlyList<RunChange>> GetChanges(string run) => (await Store.Find(RunIds.ForRun("dev", run), default))?.Changes ?? [];

    public HttpClient CreateClient(string? credential) => new()
    {
        BaseAddress = new Uri(_app.Urls.First()),
        DefaultRequestHeaders = { Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential) },
    };
}

/// <summary>The embedded default: a broker in the process and a SQLite file.</summary>
public class EmbeddedApplication : RunsApplication
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-tests-");

    protected override Task<Dictionary<string, string?>> CreateSettings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Sqlite:DataDirectory"] = _data.FullName });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }
}

/// <summary>The embedded default, in earnest.</summary>
public sealed class ProductionApplication : EmbeddedApplication
{
    protected override string Environment => "Production";
}

/// <summary>What callers do, in the words of the tests.</summary>
public static class TestRequests
{
    public static string NewId() => $"run_{NewUuid()}";

    public static string NewUuid() => Guid.CreateVersion7().ToString();

    public static Dictionary<string, object?> TaskBody(string? publicId = null, object? request = null) => new()
    {
        ["kind"] = "task",
        ["owner"] = new { kind = "project", id = RunsApplication.Project },
        ["request"] = request ?? new { target = "task:rebuild-index" },
        ["public_id"] = publicId ?? NewId(),
    };

    public static Dictionary<string, object?> AgentBody(string? publicId = null, object? request = null, string conversation = RunsApplication.Conversation) => new()
    {
        ["kind"] = "agent",
        ["owner"] = new { kind = "conversation", id = conversation },
        ["request"] = request ?? new { agent_id = "writer", input = new { messages = Array.Empty<object>() } },
        ["public_id"] = publicId ?? NewId(),
    };

    public static Dictionary<string, object?> With(this Dictionary<string, object?> body, string member, object? value) =>
        new(body) { [member] = value };

    public static Dictionary<string, object?> Without(this Dictionary<string, object?> body, string member) =>
        new(body.Where(pair => pair.Key != member));

    public static async Task<ApiResponse> Post(this HttpClient client, string path, object? body = null)
    {
        using var content = body switch
        {
            string text => new StringContent(text, new MediaTypeHeaderValue("application/json")),
            null => null,
            _ => (HttpContent)JsonContent.Create(body),
        };
        using var response = await client.PostAsync(path, content);
        return await ApiResponse.From(response);
    }

    public static async Task<ApiResponse> Get(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return await ApiResponse.From(response);
    }

    /// <summary>Creates a run and expects it to be accepted.</summary>
    public static async Task<JsonElement> Create(this HttpClient client, Dictionary<string, object?> body)
    {
        var answer = await client.Post("/runs", body);
        Assert.True(answer.Status == 202, answer.ToString());
        return answer.Body;
    }
}

/// <summary>A status, its headers and a JSON body.</summary>
public sealed record ApiResponse(int Status, JsonElement Body, Dictionary<string, string> Headers)
{
    public static async Task<ApiResponse> From(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        return new ApiResponse((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 256 }), headers);
    }

    public JsonElement this[string member] => Body.GetProperty(member);

    /// <summary>Checks a refusal: its status, that it is a problem with a text, and the members that it names.</summary>
    public void AssertProblem(int status, string? detailContains = null, params string[] pointers)
    {
        Assert.True(Status == status, ToString());
        Assert.StartsWith("application/problem+json", Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(status, this["status"].GetInt32());
        Assert.NotEmpty(this["detail"].GetString()!);
        Assert.NotEmpty(this["title"].GetString()!);
        if (detailContains is not null)
        {
            Assert.Contains(detailContains, this["detail"].GetString(), StringComparison.Ordinal);
        }

        if (pointers.Length > 0)
        {
            Assert.Equal(pointers.Order(), this["errors"].EnumerateArray().Select(error => error.GetProperty("pointer").GetString()!).Order());
        }
    }

    public override string ToString() => $"{Status} {(Body.ValueKind == JsonValueKind.Undefined ? "" : Body.GetRawText())}";
}
