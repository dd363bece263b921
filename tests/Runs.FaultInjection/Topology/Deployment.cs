using Runs.FaultInjection.Faults;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Topology;

/// <summary>
/// What is under torture: a broker, a store, and two processes of each role, started by this program; or the user's own, of which nothing but addresses is known.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    private Deployment()
    {
    }

    public Container? Broker { get; private init; }

    public Container? Store { get; private init; }

    /// <summary>The broker's nodes, where there are three; <see cref="Broker"/> is the first.</summary>
    public BrokerCluster? Cluster { get; private init; }

    // Callers and checker reach whichever node is there.
    private TcpProxy? LoadBalancer { get; init; }

    /// <summary>Under the store, where a fault is to fill it.</summary>
    public LimitedDisk? StoreDisk { get; private init; }

    public IReadOnlyList<ProxiedServer> Servers { get; private init; } = [];

    public IReadOnlyList<ProxiedServer> Apis => [.. Servers.Where(server => server.Name.StartsWith("api", StringComparison.Ordinal))];

    public IReadOnlyList<ProxiedServer> Lifecycles => [.. Servers.Except(Apis)];

    public required IReadOnlyList<Uri> Addresses { get; init; }

    public required Uri BrokerUrl { get; init; }

    /// <summary>As the servers have it, for the checker, who goes past the proxies.</summary>
    public required string StoreUrl { get; init; }

    public bool IsManaged => Broker is not null;

    public static Deployment FromOptions(FaultInjectionOptions options) => new()
    {
        Addresses = options.Urls,
        BrokerUrl = new Uri(options.RabbitMq!),
        StoreUrl = options.MongoDb!,
    };

    /// <summary>Starts everything and waits until it is ready.</summary>
    /// <param name="outputDirectory">Where the servers' logs go.</param>
    /// <param name="settings">Of the servers.</param>
    /// <param name="limitStoreDisk">Whether the store's disk can be filled.</param>
    /// <param name="clusterBroker">Whether the broker has three nodes.</param>
    public static async Task<Deployment> Start(string outputDirectory, IReadOnlyDictionary<string, string> settings, bool limitStoreDisk, bool clusterBroker)
    {
        var cluster = clusterBroker ? await BrokerCluster.Start() : null;
        var disk = limitStoreDisk ? await LimitedDisk.Create("1g") : null;
        var containers = await Task.WhenAll(cluster is null ? Container.StartRabbitMq() : Task.FromResult(cluster.Nodes[0]), Container.StartMongoDb(disk is null ? [] : ["--volume", $"{disk.Volume}:/data/db"]));
        var store = $"mongodb://127.0.0.1:{containers[1].Port}/runs?directConnection=true";
        List<ProxiedServer> servers = [];
        foreach (var role in (string[])["api", "lifecycle"])
        {
            servers.AddRange(Enumerable.Range(1, 2).Select(i => new ProxiedServer($"{role}-{i}", role, containers[0].Port, store, settings, outputDirectory, cluster?.ConnectionString)));
        }

        var balancer = cluster is null ? null : new TcpProxy([.. cluster.Nodes.Select(node => node.Port)]);
        var deployment = new Deployment
        {
            Broker = containers[0],
            Store = containers[1],
            Cluster = cluster,
            LoadBalancer = balancer,
            StoreDisk = disk,
            Servers = servers,
            Addresses = [.. servers.Take(2).Select(api => api.Address)],
            BrokerUrl = new Uri($"amqp://guest:guest@127.0.0.1:{balancer?.Port ?? containers[0].Port}/"),
            StoreUrl = store,
        };
        servers.ForEach(server => server.Start());
        await deployment.WaitUntilReady(TimeSpan.FromMinutes(3));
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
}
