using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Server;

namespace Runs.Tests.Security;

/// <summary>A server with a wrong setting does not start, and says which setting it is.</summary>
public sealed class SettingsTests
{
    private static readonly string Hash = ApiKey.HashOf("secret");

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "Api:MaxConcurrentCommands", "0", "Api:MaxConcurrentCommands" },
        { "Api:MaxConcurrentReads", "0", "Api:MaxConcurrentReads" },
        { "Api:MaxConcurrentCommands", "many", "Api:MaxConcurrentCommands" },
        { "Api:ReplyTimeout", "soon", "Api:ReplyTimeout" },
        { "Api:ReplyTimeout", "00:10:00", "Api:ReplyTimeout" },
        { "Api:Projects:slug", "no-uuid", "Api:Projects:slug" },
        { "Lifecycle:ConcurrencyLimit", "0", "Lifecycle:ConcurrencyLimit" },
        { "Lifecycle:TimerInterval", "x", "Lifecycle:TimerInterval" },
        { "Role", "worker", "Role" },
        { "ConnectionStrings:RabbitMq", "http://broker", "ConnectionStrings:RabbitMq" },
        { "ConnectionStrings:MongoDb", "mongodb://u:p@ss@host/", "ConnectionStrings:MongoDb" },
        { "Proxy:Networks:0", "everywhere", "Proxy:Networks: " },
        { "Proxy:Hops", "0", "Proxy:Hops: " },
        { "Api:MaxConcurentCommands", "1", "There is no setting MaxConcurentCommands in Api." },
        { "Lifecycle:Limit", "1", "There is no setting Limit in Lifecycle." },
        { "Auth:Audiance", "runs", "There is no setting Audiance in Auth." },
        { "Auth:ApiKeys:0:Scope", "read", "There is no setting Scope in ApiKeyOptions." },
        { "Auth:ApiKeys:0:SecretSha256", "zz", "Auth:ApiKeys:0:SecretSha256 " },
        { "Auth:ApiKeys:0:SecretSha256", "", "Auth:ApiKeys:0:SecretSha256 " },
        { "Auth:ApiKeys:0:Prefix", "a_b", "Auth:ApiKeys:0:Prefix " },
        { "Auth:ApiKeys:0:Prefix", "two", "Auth:ApiKeys:1:Prefix is the prefix of Auth:ApiKeys:0, too." },
        { "Auth:ApiKeys:0:Tenant", "", "Auth:ApiKeys:0:Tenant " },
        { "Auth:ApiKeys:0:UserId", "u", "Auth:ApiKeys:0:UserId" },
        { "Auth:ApiKeys:1:Scopes", "read everything", "Auth:ApiKeys:1:Scopes " },
        { "Auth:ApiKeys:1:Projects", "p", "Auth:ApiKeys:1:Projects " },
        { "Auth:ApiKeys:1:Projects", "", "Auth:ApiKeys:1:Projects " },
        { "Broker:Publisher:alice:Tenants:0", "acme", "There is no setting Publisher in Broker." },
        { "Proxy:Network", "10.0.0.0/8", "There is no setting Network in Proxy." },
        { "Cors:Origin", "https://a.test", "There is no setting Origin in Cors." },
        { "Lifecycle:HoldTime", "00:20:00", "Lifecycle:HoldTime" },
        { "RabbitMq:CaFile", "/ca.pem", "RabbitMq:CaFile is set, but" },
        { "MongoDb:CaFile", "/ca.pem", "MongoDb:CaFile is set, but" },
        { "Auth:ApiKeys:1:ActorType", "dog", "Auth:ApiKeys:1:ActorType " },
        { "Auth:ApiKeys:1:NotAfter", "someday", "Auth:ApiKeys:1:NotAfter" },
        { "Auth:TokenScopes", "everything", "Auth:TokenScopes " },
        { "Auth:KeyCacheTime", "01:00:00", "Auth:KeyCacheTime " },
        { "Auth:PublicKey", "no key", "Auth:PublicKey " },
        { "Auth:JwksUri", "http://issuer.test/keys", "Auth:JwksUri " },
        { "Auth:Authority", "issuer", "Auth:Authority " },
        { "Auth:Audience", "", "Auth:Audience must name the audience" },
        { "Auth:Issuer", "", "Auth:Issuer must name the issuer" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_setting_is_named(string setting, string value, string expected)
    {
        var errors = await Errors("Production", new Dictionary<string, string?>
        {
            ["Auth:PublicKey"] = TestTokens.PublicKey,
            ["Auth:Audience"] = "*",
            ["Auth:Issuer"] = "*",
            ["Auth:ApiKeys:0:Prefix"] = "one",
            ["Auth:ApiKeys:0:SecretSha256"] = Hash,
            ["Auth:ApiKeys:0:Tenant"] = "acme",
            ["Auth:ApiKeys:1:Prefix"] = "two",
            ["Auth:ApiKeys:1:SecretSha256"] = Hash,
            ["Auth:ApiKeys:1:Tenant"] = "acme",
            [setting] = value,
        });

        Assert.Contains(errors, error => error.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var errors = await Errors("Production", new Dictionary<string, string?> { ["Api:MaxConcurrentCommands"] = "0", ["Lifecycle:ConcurrencyLimit"] = "0", ["Auth:TokenScopes"] = "x" });

        Assert.Equal(["Api:MaxConcurrentCommands", "Auth:TokenScopes", "Lifecycle:ConcurrencyLimit"], errors.Select(error => error.Split([' ', ':'])[0..2]).Select(parts => string.Join(':', parts)).Order());
    }

    [Fact]
    public async Task Production_without_anybody_who_could_call_does_not_start()
    {
        var nobody = new Dictionary<string, string?> { ["Auth:StoredKeys"] = "false" };

        Assert.Contains("no credential would be accepted", Assert.Single(await Errors("Production", nobody)), StringComparison.Ordinal);
        Assert.Empty(await Errors("Development", nobody));
        Assert.Empty(await Errors("Production", []));
    }

    [Fact]
    public async Task Right_settings_are_no_errors() => Assert.Empty(await Errors("Production", new Dictionary<string, string?>
    {
        ["Auth:Authority"] = "https://issuer.test/",
        ["Auth:Audience"] = "runs",
        ["Auth:ApiKeys:0:Prefix"] = "one",
        ["Auth:ApiKeys:0:SecretSha256"] = Hash,
        ["Auth:ApiKeys:0:Tenant"] = "acme",
        ["Auth:ApiKeys:0:Scopes"] = "read answer",
        ["Auth:ApiKeys:0:Projects"] = Stack.Project,
        ["Auth:ApiKeys:0:NotBefore"] = "2026-01-01T00:00:00Z",
    }));

    /// <summary>Every class of settings is checked at the start of the role that uses it.</summary>
    [Fact]
    public async Task Every_class_of_settings_is_validated()
    {
        await using var server = RunsServer.Build(["--environment", "Development"]);
        var classes = new[] { typeof(RunsServer).Assembly, typeof(ApiOptions).Assembly, typeof(LifecycleOptions).Assembly, typeof(Runs.Store.IRunStore).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true });

        Assert.All(classes, type => Assert.NotEmpty(server.Services.GetServices(typeof(IValidateOptions<>).MakeGenericType(type))));
    }

    private static async Task<IReadOnlyList<string>> Errors(string environment, Dictionary<string, string?> settings)
    {
        try
        {
            await using var server = RunsServer.Build(["--environment", environment], builder => builder.Configuration.AddInMemoryCollection(settings));
            return [];
        }
        catch (Exception exception) when (SettingsErrors.Of(exception) is { Count: > 0 } errors)
        {
            return errors;
        }
    }
}
