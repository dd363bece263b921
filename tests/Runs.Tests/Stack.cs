using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Api;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Server;
using Runs.Store;

namespace Runs.Tests;

/// <summary>A server in the test process, on a port of its own, and callers of it. The suites that take a stack run on every kind of it.</summary>
public abstract class Stack : IAsyncLifetime
{
    public const string Project = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";
    public const string Conversation = "2b6b2c1e-8c54-4a53-8f0e-3b7a54a1c001";

    private WebApplication _app = null!;

    /// <summary>A caller of tenant <c>dev</c>.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What the server logged in the category <c>Runs.Audit</c>.</summary>
    public AuditEntries Audit { get; } = new();

    public IBus Bus => _app.Services.GetRequiredService<IBus>();

    internal RequestLimits Limits => _app.Services.GetRequiredService<RequestLimits>();

    /// <summary>The server's rates of requests.</summary>
    internal RequestRates Rates => _app.Services.GetRequiredService<RequestRates>();

    internal StoreAvailability Availability => _app.Services.GetRequiredService<StoreAvailability>();

    internal IApiKeyStore Keys => _app.Services.GetRequiredService<IApiKeyStore>();

    internal IRunStore Store => _app.Services.GetRequiredService<IRunStore>();

    protected virtual string Environment => "Development";

    protected abstract Task<Dictionary<string, string?>> Settings();

    /// <summary>Replaces services before the server is built.</summary>
    protected virtual void Adjust(WebApplicationBuilder builder)
    {
    }

    public virtual async Task InitializeAsync()
    {
        var settings = await Settings();
        _app = RunsServer.Build(["--environment", Environment, "--urls", "http://127.0.0.1:0"], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Auth:ApiKeys:0:Prefix"] = "other",
                ["Auth:ApiKeys:0:SecretSha256"] = ApiKey.HashOf("s_e_cret"),
                ["Auth:ApiKeys:0:Tenant"] = "other",
                ["Auth:PublicKey"] = TestTokens.PublicKey,
                ["Auth:Audience"] = TestTokens.Audience,
                ["Auth:Issuer"] = TestTokens.Issuer,
                ["Auth:KeyCacheTime"] = "00:00:00.200",
                ["Api:Projects:my/slug"] = Project,
                ["Api:StreamHeartbeat"] = "00:00:00.300",
                ["Lifecycle:TimerInterval"] = "00:00:00.100",
                ["Lifecycle:RelayInterval"] = "00:00:00.200",
                ["Lifecycle:RelayAge"] = "00:00:00.500",
                ["Logging:LogLevel:Runs.Audit"] = "Debug",
            });
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(Audit);
            Adjust(builder);
        });
        await _app.StartAsync();
        Client = Caller(DevelopmentKey.Text);
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
    internal async Task<HttpClient> CallerWith(
        string scopes = "read write execute answer", string? project = null, string actorType = "system", string? userId = null,
        DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        Assert.True(await Keys.TryInsert(
            new ApiKeyRecord
            {
                Prefix = prefix,
                SecretSha256 = ApiKey.HashOf(secret),
                Tenant = DevelopmentKey.Tenant,
                UserId = userId,
                Scopes = [.. scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                Projects = project is null ? [] : [project],
                ActorType = actorType,
                NotBefore = notBefore,
                NotAfter = notAfter,
            },
            default));
        return Caller(key);
    }

    /// <summary>The recorded changes of a run of tenant <c>dev</c>, oldest first; none when there is no such run.</summary>
    public async Task<IReadOnlyList<RunChange>> ChangesOf(string run) => (await Store.Find(RunKey.Of("dev", run), default))?.ChangedBy ?? [];

    public HttpClient Caller(string? credential) => new()
    {
        BaseAddress = new Uri(_app.Urls.First()),
        DefaultRequestHeaders = { Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential) },
    };
}

/// <summary>The embedded default: a broker in the process and a SQLite file.</summary>
public class EmbeddedStack : Stack
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-tests-");

    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Embedded:DataDirectory"] = _data.FullName });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }
}

/// <summary>The embedded default, in earnest.</summary>
public sealed class ProductionStack : EmbeddedStack
{
    protected override string Environment => "Production";
}

/// <summary>What callers do, in the words of the tests.</summary>
public static class Calls
{
    public static string NewId() => $"run_{NewUuid()}";

    public static string NewUuid() => Guid.CreateVersion7().ToString();

    public static Dictionary<string, object?> Task(string? publicId = null, object? request = null) => new()
    {
        ["kind"] = "task",
        ["owner"] = new { kind = "project", id = Stack.Project },
        ["request"] = request ?? new { target = "task:rebuild-index" },
        ["public_id"] = publicId ?? NewId(),
    };

    public static Dictionary<string, object?> Agent(string? publicId = null, object? request = null, string conversation = Stack.Conversation) => new()
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

    public static async Task<Answer> Post(this HttpClient client, string path, object? body = null)
    {
        using var content = body switch
        {
            string text => new StringContent(text, new MediaTypeHeaderValue("application/json")),
            null => null,
            _ => (HttpContent)JsonContent.Create(body),
        };
        using var response = await client.PostAsync(path, content);
        return await Answer.Of(response);
    }

    public static async Task<Answer> Read(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return await Answer.Of(response);
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
public sealed record Answer(int Status, JsonElement Body, Dictionary<string, string> Headers)
{
    public static async Task<Answer> Of(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 256 }), headers);
    }

    public JsonElement this[string member] => Body.GetProperty(member);

    /// <summary>Checks a refusal: its status, that it is a problem with a text, and the members that it names.</summary>
    public void IsProblem(int status, string? detailContains = null, params string[] pointers)
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
