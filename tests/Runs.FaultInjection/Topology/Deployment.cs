using Runs.FaultInjection.Faults;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Topology;

/// <summary>
/// The system under test: a broker, a store, and two or more server processes for each role, all started by this
/// program; or a deployment of the user, of which only the addresses are known.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    private const int LifecycleCount = 2;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private Deployment()
    {
    }

    public Container? Broker { get; private init; }

    public Container? Store { get; private init; }

    /// <summary>
    /// The three nodes of the broker, if the scenario needs them; <see cref="Broker"/> is the first one.
    /// </summary>
    public BrokerCluster? Cluster { get; private init; }

    // Callers and checker reach whichever node is available.
    private TcpProxy? LoadBalancer { get; init; }

    /// <summary>The disk of the store, if a fault can fill it.</summary>
    public LimitedDisk? StoreDisk { get; private init; }

    public IReadOnlyList<ProxiedServer> Servers { get; private init; } = [];

    public IReadOnlyList<ProxiedServer> Apis =>
        [.. Servers.Where(server => server.Name.StartsWith("api", StringComparison.Ordinal))];

    public IReadOnlyList<ProxiedServer> Lifecycles => [.. Servers.Except(Apis)];

    public required IReadOnlyList<Uri> Addresses { get; init; }

    public required Uri BrokerUrl { get; init; }

    /// <summary>The connection string for the checker, which does not use the proxies.</summary>
    public required string StoreUrl { get; init; }

    /// <summary>Whether this program started the deployment, so that it can inject faults.</summary>
    public bool IsManaged => Broker is not null;

    public static Deployment FromOptions(FaultInjectionOptions options) => new()
    {
        Addresses = options.Urls,
        BrokerUrl = new Uri(options.RabbitMq!),
        StoreUrl = options.MongoDb!,
    };

    /// <summary>Starts a deployment and waits until it is ready.</summary>
    /// <param name="outputDirectory">The directory of the server logs.</param>
    /// <param name="settings">Additional settings of the servers.</param>
    /// <param name="limitStoreDisk">Whether a fault can fill the disk of the store.</param>
    /// <param name="clusterBroker">Whether the broker has three nodes.</param>
    /// <param name="apis">The number of <c>api</c> processes.</param>
    public static async Task<Deployment> Start(
        string outputDirectory,
        IReadOnlyDictionary<string, string> settings,
        bool limitStoreDisk,
        bool clusterBroker,
        int apis = 2)
    {
        var cluster = clusterBroker ? await BrokerCluster.Start() : null;
        var disk = limitStoreDisk ? await LimitedDisk.Create("1g") : null;
        var startingBroker = cluster is null ? Container.StartRabbitMq() : Task.FromResult(cluster.Nodes[0]);
        var startingStore = Container.StartMongoDb(disk is null ? [] : ["--volume", $"{disk.Volume}:/data/db"]);
        var (broker, store) = (await startingBroker, await startingStore);
        var balancer = cluster is null ? null : new TcpProxy([.. cluster.Nodes.Select(node => node.Port)]);
        var services = new ServiceEndpoints(broker.Port, store.Port);
        var servers = CreateServers(services, settings, outputDirectory, cluster?.ConnectionString, apis);
        var deployment = new Deployment
        {
            Broker = broker,
            Store = store,
            Cluster = cluster,
            LoadBalancer = balancer,
            StoreDisk = disk,
            Servers = servers,
            Addresses = [.. servers.Take(apis).Select(api => api.Address)],
            BrokerUrl = new Uri((balancer is null ? services : services with { BrokerPort = balancer.Port }).BrokerUrl),
            StoreUrl = services.StoreUrl(),
        };
        await Task.WhenAll(servers.Select(server => server.Start()));
        await deployment.WaitUntilReady(StartTimeout);
        return deployment;
    }

    public Task WaitUntilReady(TimeSpan timeout) => Task.WhenAll(Servers.Select(server => server.WaitUntilReady(timeout)));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

        if (IsManaged)
        {
            await (Cluster?.DisposeAsync() ?? Broker!.DisposeAsync());
            await Store!.DisposeAsync();
        }

        if (LoadBalancer is not null)
        {
            await LoadBalancer.DisposeAsync();
        }

        if (StoreDisk is not null)
        {
            await StoreDisk.DisposeAsync();
        }
    }

    private static List<ProxiedServer> CreateServers(
        ServiceEndpoints services,
        IReadOnlyDictionary<string, string> settings,
        string outputDirectory,
        string? clusterUrl,
        int apis) =>
        [
            .. Enumerable.Range(1, apis).Select(number => (Role: "api", Number: number))
                .Concat(Enumerable.Range(1, LifecycleCount).Select(number => (Role: "lifecycle", Number: number)))
                .Select(server => new ProxiedServer(
                    $"{server.Role}-{server.Number}", server.Role, services, settings, outputDirectory, clusterUrl)),
        ];
}
