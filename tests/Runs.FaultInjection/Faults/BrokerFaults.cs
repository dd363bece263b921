using Runs.FaultInjection.Topology;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>The faults of the broker and of its nodes.</summary>
internal sealed class BrokerFaults(Deployment deployment)
{
    private Container Broker => deployment.Broker!;

    private BrokerCluster Cluster => deployment.Cluster ?? throw new InvalidOperationException("the broker has one node");

    public async Task Kill(Fault fault)
    {
        await Broker.Kill();
        await Task.Delay(fault.Duration);
        await Broker.Restart();
    }

    public async Task Freeze(Fault fault)
    {
        await Broker.Pause();
        await Task.Delay(fault.Duration);
        await Broker.Unpause();
    }

    public async Task RaiseMemoryAlarm(Fault fault)
    {
        await Configure("set_vm_memory_high_watermark", "absolute", "1MB");
        await Task.Delay(fault.Duration);
        await Configure("set_vm_memory_high_watermark", "0.6");
    }

    public async Task RaiseDiskAlarm(Fault fault)
    {
        await Configure("set_disk_free_limit", "100000GB");
        await Task.Delay(fault.Duration);
        await Configure("set_disk_free_limit", "50MB");
    }

    public Task StopNode(Fault fault) => TakeAway(fault, (node, _) => node.Stop(), (node, _) => node.Restart());

    public Task KillNode(Fault fault) => TakeAway(fault, (node, _) => node.Kill(), (node, _) => node.Restart());

    public Task PartitionNode(Fault fault) =>
        TakeAway(fault, (_, number) => Cluster.Partition(number), (_, number) => Cluster.Heal(number));

    // The next fault begins when all queues have all their replicas again.
    private async Task TakeAway(Fault fault, Func<Container, int, Task> inject, Func<Container, int, Task> revert)
    {
        var number = (fault.Target % Cluster.Nodes.Count) + 1;
        var node = Cluster.Nodes[number - 1];
        await inject(node, number);
        await Task.Delay(fault.Duration);
        await revert(node, number);
        await Cluster.WaitUntilFullyReplicated();
    }

    // The broker can still be starting, after the fault before.
    private async Task Configure(params string[] setting)
    {
        await Broker.Execute("rabbitmqctl", "--quiet", "await_startup", "--timeout", "60");
        await Broker.Execute(["rabbitmqctl", "--quiet", .. setting]);
    }
}
