using System.Globalization;

namespace Runs.TestEnvironment;

/// <summary>
/// Three RabbitMQ nodes that form a cluster, each in a container with a port of 127.0.0.1. The nodes talk to each other on one network and to their clients on another, so that a
/// node can be cut off from the others while its clients keep it.
/// </summary>
public sealed class BrokerCluster : IAsyncDisposable
{
    private readonly string _name;

    private BrokerCluster(string name, IReadOnlyList<Container> nodes) => (_name, Nodes) = (name, nodes);

    public IReadOnlyList<Container> Nodes { get; }

    /// <summary>All nodes, in one connection string.</summary>
    public string ConnectionString => $"amqp://guest:guest@{string.Join(',', Nodes.Select(node => $"127.0.0.1:{node.Port}"))}/";

    public static async Task<BrokerCluster> Start()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"runs-cluster-{Random.Shared.Next():x8}");
        await Container.RunDocker(["network", "create", "--label", Container.OwnerLabel, name]);
        await Container.RunDocker(["network", "create", "--label", Container.OwnerLabel, ClientNetwork(name)]);
        var nodes = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => Container.StartRabbitMq(
            "--network", ClientNetwork(name), "--hostname", HostName(number),
            "--env", $"RABBITMQ_NODENAME=rabbit@{HostName(number)}", "--env", $"RABBITMQ_ERLANG_COOKIE={name}")));
        var cluster = new BrokerCluster(name, nodes);
        for (var number = 1; number <= nodes.Length; number++)
        {
            await cluster.Heal(number);
        }

        for (var number = 2; number <= nodes.Length; number++)
        {
            await nodes[number - 1].Execute("rabbitmqctl", "--quiet", "stop_app");
            await nodes[number - 1].Execute("rabbitmqctl", "--quiet", "join_cluster", $"rabbit@{HostName(1)}");
            await nodes[number - 1].Execute("rabbitmqctl", "--quiet", "start_app");
            await nodes[number - 1].WaitForPort();
        }

        return cluster;
    }

    /// <summary>Cuts a node off from the other two.</summary>
    /// <param name="number">From 1.</param>
    public Task Partition(int number) => Container.RunDocker(["network", "disconnect", _name, Nodes[number - 1].Id]);

    /// <summary>Ends a partition.</summary>
    public Task Heal(int number) => Container.RunDocker(["network", "connect", "--alias", HostName(number), _name, Nodes[number - 1].Id]);

    /// <summary>Waits until the loss of any node would leave every queue a majority of its replicas.</summary>
    public async Task WaitUntilFullyReplicated()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Task.WhenAll(Nodes.Select(node => node.Execute("rabbitmq-diagnostics", "--quiet", "check_if_node_is_quorum_critical")));
                return;
            }
            catch (InvalidOperationException) when (attempt < 60)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Container.RunDocker(["network", "rm", _name, ClientNetwork(_name)]);
    }

    private static string HostName(int number) => string.Create(CultureInfo.InvariantCulture, $"broker{number}");

    private static string ClientNetwork(string name) => $"{name}-clients";
}
