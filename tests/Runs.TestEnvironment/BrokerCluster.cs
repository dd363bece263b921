using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>
/// Three RabbitMQ nodes that form a cluster, each in a container with a port of 127.0.0.1. The nodes talk to each other
/// on one network and to their clients on another, so that a node can be partitioned from the others while its clients
/// keep it.
/// </summary>
public sealed class BrokerCluster : IAsyncDisposable
{
    private readonly string _name;

    private BrokerCluster(string name, IReadOnlyList<Container> nodes) => (_name, Nodes) = (name, nodes);

    public IReadOnlyList<Container> Nodes { get; }

    /// <summary>One connection string with all nodes.</summary>
    public string ConnectionString => $"amqp://guest:guest@{string.Join(',', Nodes.Select(node => $"127.0.0.1:{node.Port}"))}/";

    public static async Task<BrokerCluster> Start()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"runs-cluster-{Random.Shared.Next():x8}");
        await DockerCli.Run("network", "create", "--label", Container.OwnerLabel, name);
        await DockerCli.Run("network", "create", "--label", Container.OwnerLabel, ClientNetwork(name));
        var nodes = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => StartNode(name, number)));
        var cluster = new BrokerCluster(name, nodes);
        for (var number = 1; number <= nodes.Length; number++)
        {
            await cluster.Heal(number);
        }

        foreach (var node in nodes.Skip(1))
        {
            await node.Execute("rabbitmqctl", "--quiet", "stop_app");
            await node.Execute("rabbitmqctl", "--quiet", "join_cluster", $"rabbit@{HostName(1)}");
            await node.Execute("rabbitmqctl", "--quiet", "start_app");
            await node.WaitForPort();
        }

        return cluster;
    }

    /// <summary>Disconnects a node from the other two.</summary>
    /// <param name="number">From 1.</param>
    public Task Partition(int number) => DockerCli.Run("network", "disconnect", _name, Nodes[number - 1].Id);

    /// <summary>Ends a partition.</summary>
    /// <param name="number">From 1.</param>
    public Task Heal(int number) =>
        DockerCli.Run("network", "connect", "--alias", HostName(number), _name, Nodes[number - 1].Id);

    /// <summary>Waits until the loss of any node would leave every queue a majority of its replicas.</summary>
    public Task WaitUntilFullyReplicated() => Poll.Until(
        IsFullyReplicated,
        timeout: TimeSpan.FromMinutes(2),
        interval: TimeSpan.FromSeconds(1),
        "A queue of the cluster has not got all its replicas back.");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await DockerCli.Run("network", "rm", _name, ClientNetwork(_name));
    }

    private static Task<Container> StartNode(string cluster, int number) => Container.StartRabbitMq(
        "--network", ClientNetwork(cluster),
        "--hostname", HostName(number),
        "--env", $"RABBITMQ_NODENAME=rabbit@{HostName(number)}",
        "--env", $"RABBITMQ_ERLANG_COOKIE={cluster}");

    private static string HostName(int number) => string.Create(CultureInfo.InvariantCulture, $"broker{number}");

    private static string ClientNetwork(string name) => $"{name}-clients";

    private async Task<bool> IsFullyReplicated()
    {
        try
        {
            await Task.WhenAll(Nodes.Select(
                node => node.Execute("rabbitmq-diagnostics", "--quiet", "check_if_node_is_quorum_critical")));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // the command fails while a node is critical or away
        }
    }
}
