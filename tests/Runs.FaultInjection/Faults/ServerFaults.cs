using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Topology;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>The faults of a server and of its connections.</summary>
internal sealed class ServerFaults(Experiment experiment)
{
    private static readonly TimeSpan InjectedLatency = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan RestartTimeout = TimeSpan.FromMinutes(3);

    private readonly ConcurrentQueue<Task> _restarts = new();
    private int _unacknowledgedMessages;

    /// <summary>
    /// The messages that a lifecycle had not acknowledged when a redelivery was forced: all of them were redelivered.
    /// </summary>
    public int UnacknowledgedMessages => _unacknowledgedMessages;

    public async Task Kill(Fault fault)
    {
        var server = GetServer(fault);
        await server.Kill();
        await Task.Delay(fault.Duration);
        await Restart(server);
    }

    public async Task Freeze(Fault fault)
    {
        var server = GetServer(fault);
        await server.Freeze();
        await Task.Delay(fault.Duration);
        await server.Thaw();
    }

    public Task ResetConnections(Fault fault)
    {
        var server = GetServer(fault);
        server.BrokerProxy.ResetConnections();
        server.StoreProxy.ResetConnections();
        return Task.CompletedTask;
    }

    public async Task DelayTraffic(Fault fault)
    {
        var server = GetServer(fault);
        SetLatency(server, InjectedLatency);
        await Task.Delay(fault.Duration);
        SetLatency(server, TimeSpan.Zero);
    }

    public async Task DropTraffic(Fault fault)
    {
        var server = GetServer(fault);
        server.BrokerProxy.StartBlackhole(toTarget: true, toClient: true);
        server.StoreProxy.StartBlackhole(toTarget: true, toClient: true);
        await Task.Delay(fault.Duration);
        server.BrokerProxy.EndBlackhole();
        server.StoreProxy.EndBlackhole();
    }

    public async Task DropReplies(Fault fault)
    {
        var server = GetServer(fault);
        server.BrokerProxy.StartBlackhole(toTarget: false, toClient: true);
        await Task.Delay(fault.Duration);
        server.BrokerProxy.EndBlackhole();
    }

    /// <summary>
    /// Drops what the server sends to the broker, then kills it: commands are stored but never acknowledged.
    /// </summary>
    public async Task ForceRedelivery(Fault fault)
    {
        var server = GetServer(fault);
        server.BrokerProxy.StartBlackhole(toTarget: true, toClient: false);
        await Task.Delay(fault.Duration);
        Interlocked.Add(ref _unacknowledgedMessages, await CountUnacknowledged());
        await server.Kill();
        server.BrokerProxy.EndBlackhole();
        await Restart(server);
    }

    /// <summary>Waits until every server that was killed is ready again.</summary>
    public async Task WaitForRestarts()
    {
        while (_restarts.TryDequeue(out var restart))
        {
            try
            {
                await restart;
            }
            catch (TimeoutException exception)
            {
                experiment.Violations.Add(Invariants.UnattendedRecovery, exception.Message);
            }
        }
    }

    private static void SetLatency(ProxiedServer server, TimeSpan latency)
    {
        server.BrokerProxy.Latency = latency;
        server.StoreProxy.Latency = latency;
    }

    private ProxiedServer GetServer(Fault fault) =>
        experiment.Deployment.Servers.Single(server => server.Name == fault.TargetName);

    // Does not wait until the server is ready: what it depends on can be away.
    private async Task Restart(ProxiedServer server)
    {
        await server.Start();
        _restarts.Enqueue(server.WaitUntilReady(RestartTimeout));
    }

    private async Task<int> CountUnacknowledged()
    {
        try
        {
            var queues = await BrokerQueues.ReadMessageCounts(experiment.Deployment.Broker!);
            return queues
                .Where(queue => queue.Key is "runs-lifecycle" or "runs-commands")
                .Sum(queue => queue.Value.Unacknowledged);
        }
        catch (InvalidOperationException)
        {
            return 0; // another fault has taken the broker away
        }
    }
}
