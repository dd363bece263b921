using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using MongoDB.Bson;
using MongoDB.Driver;
using RabbitMQ.Client;
using Testcontainers.MongoDb;
using Testcontainers.RabbitMq;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A RabbitMQ and a MongoDB of this test run, on ports that stay the same when a container comes back.
/// </summary>
public sealed class ContainerFixture : IAsyncLifetime
{
    private const string Guest = "guest";

    /// <summary>The label by which a script removes the containers of a killed test run.</summary>
    private const string OwnerLabel = "runs.owner";

    private const string Loopback = "127.0.0.1";

    /// <summary>The host of the ports that the engine publishes.</summary>
    private static readonly string Host = ReadSetting("TESTCONTAINERS_HOST_OVERRIDE", Loopback);

    private readonly int _amqpPort;
    private readonly int _managementPort;
    private readonly int _mongoDbPort;
    private readonly bool _isStandIn = ContainerImages.IsStandIn(ContainerImages.MongoDb);
    private readonly RabbitMqContainer _rabbitMq;
    private readonly MongoDbContainer _mongoDb;

    public ContainerFixture()
    {
        var ports = FreePort.Find(3);
        (_amqpPort, _managementPort, _mongoDbPort) = (ports[0], ports[1], ports[2]);
        _rabbitMq = new RabbitMqBuilder(ContainerImages.RabbitMq)
            .WithUsername(Guest)
            .WithPassword(Guest)
            .WithLabel(OwnerLabel, ReadSetting("RUNS_CONTAINER_OWNER", "tests"))
            .WithCreateParameterModifier(container => Publish(container, (5672, _amqpPort), (15672, _managementPort)))
            .Build();
        _mongoDb = ConfigureEngine(new MongoDbBuilder(ContainerImages.MongoDb))
            .WithLabel(OwnerLabel, ReadSetting("RUNS_CONTAINER_OWNER", "tests"))
            .WithCreateParameterModifier(container => Publish(container, (27017, _mongoDbPort)))
            .Build();
        RabbitMq = new ServiceContainer(_rabbitMq, CheckRabbitMq);
        MongoDb = new ServiceContainer(_mongoDb, CheckMongoDb);
    }

    /// <summary>The broker, for tests that stop or pause it.</summary>
    public ServiceContainer RabbitMq { get; }

    /// <summary>The database, for tests that stop or pause it.</summary>
    public ServiceContainer MongoDb { get; }

    /// <summary>The broker's default virtual host.</summary>
    public string RabbitMqConnectionString => $"amqp://{Guest}:{Guest}@{Host}:{_amqpPort}/";

    /// <summary>The database server; no database is chosen.</summary>
    public string MongoDbConnectionString => MongoDbUrl(database: null);

    public async Task InitializeAsync()
    {
        await Task.WhenAll(_rabbitMq.StartOrThrowWithLog(), _mongoDb.StartOrThrowWithLog());
        await Task.WhenAll(Eventually.Succeeds(CheckRabbitMq), Eventually.Succeeds(CheckMongoDb));
        foreach (var user in BrokerUsers.Names)
        {
            await PutManagement($"users/{user}", new { password = user, tags = "" });
        }
    }

    public Task DisposeAsync() => Task.WhenAll(_rabbitMq.DisposeAsync().AsTask(), _mongoDb.DisposeAsync().AsTask());

    /// <summary>Creates a virtual host in which each user has exactly the permissions of docs/publishers.md.</summary>
    /// <returns>The connection string for the service.</returns>
    public async Task<string> CreateVirtualHost()
    {
        var name = NewName();
        // The management API gives the creator of a virtual host, the operator, access to it.
        await PutManagement($"vhosts/{name}", null);
        foreach (var (user, permissions) in BrokerUsers.Permissions)
        {
            await PutManagement($"permissions/{name}/{user}", permissions);
        }

        return WithUser(BrokerUsers.Service, RabbitMqConnectionString + name).ToString();
    }

    /// <summary>Restricts the binding keys that a user may use at a topic exchange.</summary>
    /// <param name="virtualHost">The virtual host.</param>
    /// <param name="user">The user.</param>
    /// <param name="exchange">The topic exchange.</param>
    /// <param name="read">A regular expression for binding keys.</param>
    public Task RestrictTopic(string virtualHost, string user, string exchange, string read) =>
        PutManagement($"topic-permissions/{virtualHost}/{user}", new { exchange, write = "^$", read });

    /// <summary>Returns the connection string for another user; for the operator if the user is null.</summary>
    public static Uri WithUser(string? user, string connectionString) =>
        new UriBuilder(connectionString) { UserName = user ?? Guest, Password = user ?? Guest }.Uri;

    /// <summary>Lists all exchanges and queues of a virtual host, except those that the broker named.</summary>
    public async Task<IReadOnlyList<string>> ListEntities(string virtualHost)
    {
        using var management = CreateManagementClient();
        var names = new List<string>();
        foreach (var kind in new[] { "exchanges", "queues" })
        {
            var entities = await management.GetFromJsonAsync<JsonElement>($"{kind}/{virtualHost}?disable_stats=true");
            names.AddRange(entities.EnumerateArray().Select(entity => $"{kind} {entity.GetProperty("name").GetString()}"));
        }

        return [.. names.Where(name => !name.Contains("amq.gen-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private async Task PutManagement(string path, object? body)
    {
        using var management = CreateManagementClient();
        using var content = body is null ? null : JsonContent.Create(body);
        using var response = await management.PutAsync(path, content);
        response.EnsureSuccessStatusCode();
    }

    /// <returns>The connection string of a new database.</returns>
    public string NewDatabase() => MongoDbUrl(NewName());

    /// <summary>Returns the queues of a virtual host from the management API.</summary>
    public async Task<JsonElement> GetQueues(string virtualHost)
    {
        using var management = CreateManagementClient();
        return JsonElement.Parse(await management.GetStringAsync($"queues/{virtualHost}"));
    }

    private static string NewName() => $"test-{Guid.CreateVersion7():n}";

    private static string ReadSetting(string name, string defaultValue) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : defaultValue;

    private MongoDbBuilder ConfigureEngine(MongoDbBuilder mongoDb) => _isStandIn
        ? mongoDb.WithUsername("").WithPassword("").WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Gateway listening on"))
        : mongoDb.WithReplicaSet();

    private string MongoDbUrl(string? database)
    {
        var credentials = _isStandIn ? "" : $"{MongoDbBuilder.DefaultUsername}:{MongoDbBuilder.DefaultPassword}@";
        // The member of the replica set has a name that does not resolve outside the container.
        var options = _isStandIn ? "" : "?directConnection=true&authSource=admin";
        return $"mongodb://{credentials}{Host}:{_mongoDbPort}/{database}{options}";
    }

    private HttpClient CreateManagementClient()
    {
        var credentials = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Guest}:{Guest}"));
        return new HttpClient
        {
            BaseAddress = new Uri($"http://{Host}:{_managementPort}/api/"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
        };
    }

    private async Task CheckRabbitMq()
    {
        var factory = new ConnectionFactory { Uri = new Uri(RabbitMqConnectionString) };
        await using var connection = await factory.CreateConnectionAsync();
        using var management = CreateManagementClient();
        using var response = await management.GetAsync("overview");
        response.EnsureSuccessStatusCode();
    }

    private async Task CheckMongoDb()
    {
        using var client = new MongoClient(MongoDbConnectionString);
        var hello = await client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1));
        Assert.True(hello["isWritablePrimary"].ToBoolean(), "The member is not the primary yet.");
    }

    /// <summary>
    /// Publishes fixed ports, because a port that Docker chooses changes with every start. Uses only the loopback
    /// interface, unless the engine runs on another host.
    /// </summary>
    private static void Publish(CreateContainerParameters container, params (int Inside, int Outside)[] ports)
    {
        var address = Host == Loopback ? Loopback : "0.0.0.0";
        container.ExposedPorts = ports.ToDictionary(port => $"{port.Inside}/tcp", _ => default(EmptyStruct));
        (container.HostConfig ??= new HostConfig()).PortBindings = ports.ToDictionary(
            port => $"{port.Inside}/tcp",
            IList<PortBinding> (port) => [new PortBinding { HostIP = address, HostPort = $"{port.Outside}" }]);
    }
}
