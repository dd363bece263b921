using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Server;

namespace Runs.Tests.Security;

/// <summary>A server with an invalid setting does not start, and its error names the setting.</summary>
public sealed class OptionsValidationTests
{
    private static readonly string Hash = ApiKey.ComputeHash("secret");

    public static TheoryData<string, string, string> InvalidSettings => new()
    {
        { "Api:MaxConcurrentCommands", "0", "Api:MaxConcurrentCommands" },
        { "Api:MaxConcurrentReads", "0", "Api:MaxConcurrentReads" },
        { "Api:MaxConcurrentCommands", "many", "Api:MaxConcurrentCommands" },
        { "Api:MaxSchedulesPerTenant", "-1", "Api:MaxSchedulesPerTenant" },
        { "Api:ReplyTimeout", "soon", "Api:ReplyTimeout" },
        { "Api:ReplyTimeout", "00:10:00", "Api:ReplyTimeout" },
        { "Api:ProjectSlugs:slug", "no-uuid", "Api:ProjectSlugs:slug" },
        { "Lifecycle:MaxConcurrentCommands", "0", "Lifecycle:MaxConcurrentCommands" },
        { "Lifecycle:DueRunPollingInterval", "x", "Lifecycle:DueRunPollingInterval" },
        { "Role", "worker", "Role" },
        { "ConnectionStrings:RabbitMq", "http://broker", "ConnectionStrings:RabbitMq" },
        { "ConnectionStrings:MongoDb", "mongodb://u:p@ss@host/", "ConnectionStrings:MongoDb" },
        { "Proxy:KnownNetworks:0", "everywhere", "Proxy:KnownNetworks: " },
        { "Proxy:ForwardLimit", "0", "Proxy:ForwardLimit: " },
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
        { "Lifecycle:MaxHoldTime", "00:20:00", "Lifecycle:MaxHoldTime" },
        { "RabbitMq:CaFile", "/ca.pem", "RabbitMq:CaFile is set, but" },
        { "MongoDb:CaFile", "/ca.pem", "MongoDb:CaFile is set, but" },
        { "Auth:ApiKeys:1:ActorType", "dog", "Auth:ApiKeys:1:ActorType " },
        { "Auth:ApiKeys:1:NotAfter", "someday", "Auth:ApiKeys:1:NotAfter" },
        { "Auth:DefaultTokenScopes", "everything", "Auth:DefaultTokenScopes " },
        { "Auth:WorkerCacheDuration", "00:01:01", "Auth:WorkerCacheDuration " },
        { "Auth:KeyCacheDuration", "01:00:00", "Auth:KeyCacheDuration " },
        { "Auth:PublicKey", "no key", "Auth:PublicKey " },
        { "Auth:SigningKey", "no key", "Auth:SigningKey must be an unencrypted RSA private key of 2048 to 4096 bits" },
        { "Auth:SigningKey", TestTokens.PublicKey, "Auth:SigningKey must be" },
        { "Auth:VerificationKeys:0", "no key", "Auth:VerificationKeys:0 must be an RSA public key" },
        { "Auth:JwksUri", "http://issuer.test/keys", "Auth:JwksUri " },
        { "Auth:Authority", "issuer", "Auth:Authority " },
        { "Auth:Audience", "", "Auth:Audience must name the audience" },
        { "Auth:Issuer", "", "Auth:Issuer must name the issuer" },
        { "Telemetry:MetricsPort", "0", "Telemetry:MetricsPort" },
    };

    /// <summary>The environment of a shell may have a variable with the name of a section.</summary>
    [Fact]
    public async Task A_value_in_the_place_of_a_section_is_reported_as_a_variable()
    {
        var errors = await Errors("Development", new Dictionary<string, string?> { ["AUTH"] = "Authorization: Bearer secret" });

        const string expected = "is a section of settings and has no value: is there an environment variable AUTH?";
        Assert.EndsWith(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InvalidSettings))]
    public async Task An_invalid_setting_is_reported_by_name(string setting, string value, string expected)
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
    public async Task All_invalid_settings_are_reported_together()
    {
        var errors = await Errors("Production", new Dictionary<string, string?>
        {
            ["Api:MaxConcurrentCommands"] = "0",
            ["Lifecycle:MaxConcurrentCommands"] = "0",
            ["Auth:DefaultTokenScopes"] = "x",
        });

        Assert.Equal(
            ["Api:MaxConcurrentCommands", "Auth:DefaultTokenScopes", "Lifecycle:MaxConcurrentCommands"],
            errors.Select(error => string.Join(':', error.Split([' ', ':'])[0..2])).Order());
    }

    [Fact]
    public async Task Production_without_credentials_does_not_start()
    {
        var noCredentials = new Dictionary<string, string?> { ["Auth:AcceptStoredKeys"] = "false" };

        var error = Assert.Single(await Errors("Production", noCredentials));
        Assert.Contains("no credential would be accepted", error, StringComparison.Ordinal);
        Assert.Empty(await Errors("Development", noCredentials));
        Assert.Empty(await Errors("Production", []));
    }

    [Fact]
    public async Task Valid_settings_have_no_errors() => Assert.Empty(await Errors("Production", new Dictionary<string, string?>
    {
        ["Auth:Authority"] = "https://issuer.test/",
        ["Auth:Audience"] = "runs",
        ["Auth:ApiKeys:0:Prefix"] = "one",
        ["Auth:ApiKeys:0:SecretSha256"] = Hash,
        ["Auth:ApiKeys:0:Tenant"] = "acme",
        ["Auth:ApiKeys:0:Scopes"] = "read answer",
        ["Auth:ApiKeys:0:Projects"] = RunsApplication.Project,
        ["Auth:ApiKeys:0:NotBefore"] = "2026-01-01T00:00:00Z",
    }));

    /// <summary>Every class of settings is checked at the start of the role that uses it.</summary>
    [Fact]
    public async Task Every_options_class_is_validated()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);
        Assembly[] assemblies =
        [
            typeof(ServerBuilder).Assembly,
            typeof(ApiOptions).Assembly,
            typeof(LifecycleOptions).Assembly,
            typeof(Runs.Store.IRunStore).Assembly,
        ];
        var classes = assemblies
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true });

        Assert.All(classes, type => Assert.NotEmpty(server.Services.GetServices(typeof(IValidateOptions<>).MakeGenericType(type))));
    }

    private static async Task<IReadOnlyList<string>> Errors(string environment, Dictionary<string, string?> settings)
    {
        try
        {
            var builder = ServerBuilder.CreateBuilder(["--environment", environment]);
            builder.Configuration.AddInMemoryCollection(settings);
            await using var server = ServerBuilder.Build(builder);
            return [];
        }
        catch (Exception exception) when (SettingsErrors.FromException(exception) is { Count: > 0 } errors)
        {
            return errors;
        }
    }
}
