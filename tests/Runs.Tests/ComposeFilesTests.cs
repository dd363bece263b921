using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Runs.Tests;

/// <summary>The privileges and secrets of the containers in the compose files.</summary>
public sealed class ComposeFilesTests
{
    private const string Production = "compose.production.yaml";

    [Theory]
    [InlineData("compose.services.yaml")]
    [InlineData(Production)]
    public void The_server_container_has_minimal_privileges(string file)
    {
        foreach (var (name, service) in Services(file))
        {
            Assert.True(service.GetValueOrDefault("read_only") is "true", name);
            Assert.Equal(["/tmp"], Sequence(service, "tmpfs"));
            Assert.DoesNotContain("cap_add", service.Keys);
            Assert.Contains("pids_limit", service.Keys);
            AssertMinimalPrivileges(service);
        }
    }

    [Fact]
    public void Broker_and_database_containers_have_minimal_privileges()
    {
        foreach (var (_, service) in Services("compose.yaml"))
        {
            AssertMinimalPrivileges(service);
            Assert.Contains("healthcheck", service.Keys);
            Assert.All(
                Sequence(service, "ports"),
                port => Assert.StartsWith("${RUNS_BIND_ADDRESS:-127.0.0.1}:", port, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void No_compose_file_contains_a_password()
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*.yaml"))
        {
            // user:password@ of a connection string that does not come from the environment.
            Assert.DoesNotMatch(@"://[^$\s/]+:[^$\s/]+@", File.ReadAllText(file));
        }
    }

    [Fact]
    public void Production_reads_connection_strings_from_secrets_and_disables_the_development_key()
    {
        foreach (var (_, service) in Services(Production))
        {
            var environment = (Dictionary<object, object>)service["environment"];
            Assert.Equal("Production", environment["ASPNETCORE_ENVIRONMENT"]);
            Assert.DoesNotContain(environment.Keys, name => name.ToString()!.StartsWith("ConnectionStrings", StringComparison.Ordinal));
            Assert.Equal(["ConnectionStrings__RabbitMq", "ConnectionStrings__MongoDb"], Sequence(service, "secrets"));
        }
    }

    [Fact]
    public void The_server_image_has_an_unprivileged_user_and_a_health_check()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));

        Assert.Contains("USER 1654:1654", lines);
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal));
    }

    private static string Folder => Path.Combine(Repository.Root, "compose");

    private static void AssertMinimalPrivileges(Dictionary<string, object> service)
    {
        Assert.Equal(["ALL"], Sequence(service, "cap_drop"));
        Assert.Equal(["no-new-privileges:true"], Sequence(service, "security_opt"));
        Assert.Contains("mem_limit", service.Keys);
        Assert.Equal("45s", service["stop_grace_period"]);
    }

    private static Dictionary<string, Dictionary<string, object>> Services(string file)
    {
        using var text = File.OpenText(Path.Combine(Folder, file));
        var parser = new MergingParser(new Parser(text));
        var document = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(parser);
        return ((Dictionary<object, object>)document["services"]).ToDictionary(
            pair => (string)pair.Key,
            pair => ((Dictionary<object, object>)pair.Value).ToDictionary(member => (string)member.Key, member => member.Value));
    }

    private static IEnumerable<string> Sequence(Dictionary<string, object> service, string name) =>
        ((List<object>)service[name]).Cast<string>();
}
