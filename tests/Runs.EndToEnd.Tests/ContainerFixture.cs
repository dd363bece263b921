using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.NetworkInformation;
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

/// <summary>A RabbitMQ and a MongoDB of this test run, on ports that stay the same when a container comes back.</summary>
public sealed class ContainerFixture : IAsyncLifetime
{
    private const string Guest = "guest";

    /// <summary>Whoever started the tests removes by this what a killed test run left behind.</summary>
    private const string OwnerLabel = "runs.owner";

    private const string Loopback = "127.0.0.1";

    /// <summary>What reaches the ports that the engine publishes.</summary>
    private static readonly string Host = ReadSetting("TESTCONTAINERS_HOST_OVERRIDE", Loopback);

    private readonly int _amqpPort;
    private readonly int _managementPort;
    private readonly int _mongoDbPort;
    private readonly bool _isStandIn = ContainerImages.IsStandIn(ContainerImages.MongoDb);
    private readonly RabbitMqContainer _rabbitMq;
    private readonly MongoDbContainer _mongoDb;

    public ContainerFixture()
    {
        (_amqpPort, _managementPort, _mongoDbPort) = FreePorts();
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

    /// <summary>The broker, for tests that do it harm.</summary>
    public ServiceContainer RabbitMq { get; }

    /// <summary>The database, for tests that do it harm.</summary>
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

    /// <summary>Makes a virtual host that nobody else uses, in which every user has the rights that README gives it and no more.</summary>
    /// <returns>The connection string of the service.</returns>
    public async Task<string> CreateVirtualHost()
    {
        var name = NewName();
        // The management API lets the maker of a virtual host use it: that is the operator.
        await PutManagement($"vhosts/{name}", null);
        foreach (var (user, rights) in BrokerUsers.Permissions)
        {
            await PutManagement($"permissions/{name}/{user}", rights);
        }

        return WithUser(BrokerUsers.Service, RabbitMqConnectionString + name).ToString();
    }

    /// <summary>The same virtual host for another user; for the operator when none is named.</summary>
    public static Uri WithUser(string? user, string connectionString) =>
        new UriBuilder(connectionString) { UserName = user ?? Guest, Password = user ?? Guest }.Uri;

    /// <summary>The names of all exchanges and queues of a virtual host but for those that the broker named.</summary>
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

    /// <returns>The connection string of a database that nobody else uses.</returns>
    public string NewDatabase() => MongoDbUrl(NewName());

    /// <summary>What the broker's management says of the queues of a virtual host.</summary>
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
        // The one member of the replica set knows itself by a name that means nothing outside the container.
        var options = _isStandIn ? "" : "?directConnection=true&authSource=admin";
        return $"mongodb://{credentials}{Host}:{_mongoDbPort}/{database}{options}";
    }

    private HttpClient CreateManagementClient() => new()
    {
        BaseAddress = new Uri($"http://{Host}:{_managementPort}/api/"),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Guest}:{Guest}"))) },
    };

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
        Assert.True(hello["isWritablePrimary"].ToBoolean(), "The member has not been elected yet.");
    }

    /// <summary>
    /// Publishes on a port chosen once (a port of Docker's choice changes with every start), and on the loopback only, unless the engine is elsewhere.
    /// </summary>
    private static void Publish(CreateContainerParameters container, params (int Inside, int Outside)[] ports)
    {
        container.ExposedPorts = ports.ToDictionary(port => $"{port.Inside}/tcp", _ => default(EmptyStruct));
        (container.HostConfig ??= new HostConfig()).PortBindings = ports.ToDictionary(
            port => $"{port.Inside}/tcp",
            IList<PortBinding> (port) => [new PortBinding { HostIP = Host == Loopback ? Loopback : "0.0.0.0", HostPort = $"{port.Outside}" }]);
    }

    /// <summary>Three ports that are free now and that no outgoing connection takes while a container is away: those get theirs from 32768 upwards.</summary>
    private static (int, int, int) FreePorts()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        while (true)
        {
            var first = Random.Shared.Next(20_000, 32_000);
            if (!taken.Contains(first) && !taken.Contains(first + 1) && !taken.Contains(first + 2))
            {
                return (first, first + 1, first + 2);
            }
        }
    }
}
