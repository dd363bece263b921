using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Topology;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>Does what a schedule of faults says, and undoes it.</summary>
internal sealed class FaultInjector(Experiment experiment)
{
    private static readonly TimeSpan InjectedLatency = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _targetLocks = new();
    private readonly ConcurrentDictionary<string, int> _injectedCounts = new();
    private readonly ConcurrentQueue<Task> _restarts = new();
    private readonly ConcurrentQueue<double> _faultEndTimes = new();
    private readonly ConcurrentQueue<(double From, double To)> _storeOutages = new();
    private readonly ConcurrentQueue<(double From, double To)> _slowStorePeriods = new();
    private readonly ConcurrentQueue<(double From, double To)> _fullDiskPeriods = new();
    private int _unacknowledgedMessages;
    private int _storeRestarts;

    /// <summary>How often each fault was done.</summary>
    public IReadOnlyDictionary<string, int> InjectedCounts => _injectedCounts;

    /// <summary>When there was surely no store.</summary>
    public IReadOnlyCollection<(double From, double To)> StoreOutages => _storeOutages;

    /// <summary>When every sync of the store surely was slow.</summary>
    public IReadOnlyCollection<(double From, double To)> SlowStorePeriods => _slowStorePeriods;

    /// <summary>When the store's disk was full, from a write that was refused for it until there was room again.</summary>
    public IReadOnlyCollection<(double From, double To)> FullDiskPeriods => _fullDiskPeriods;

    /// <summary>How often the store had ended while its disk was full, and was started again.</summary>
    public int StoreRestarts => _storeRestarts;

    /// <summary>When each fault was over: what was killed is started again, if not ready yet.</summary>
    public IReadOnlyCollection<double> FaultEndTimes => _faultEndTimes;

    /// <summary>Messages that were with a lifecycle, and not acknowledged, when a redelivery was forced: all of them were delivered again.</summary>
    public int UnacknowledgedMessages => _unacknowledgedMessages;

    public async Task Inject(IReadOnlyList<Fault> schedule)
    {
        var begin = Clock.ElapsedSeconds;
        await Task.WhenAll(schedule.Select(async fault =>
        {
            var wait = begin + fault.StartOffset.TotalSeconds - Clock.ElapsedSeconds;
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, wait)));
            await Inject(fault);
        }));
    }

    /// <summary>Waits until every process that was killed is ready again.</summary>
    public async Task WaitForRestarts()
    {
        while (_restarts.TryDequeue(out var ready))
        {
            try
            {
                await ready;
            }
            catch (TimeoutException trouble)
            {
                experiment.Violations.Add(Invariants.UnattendedRecovery, trouble.Message);
            }
        }
    }

    public async Task Inject(Fault fault)
    {
        var place = _targetLocks.GetOrAdd(fault.TargetName, _ => new SemaphoreSlim(1));
        await place.WaitAsync();
        var start = Clock.ElapsedSeconds;
        try
        {
            Experiment.WriteProgress($"{fault.Name} {fault.TargetName} for {fault.Duration.TotalSeconds:0.0} s");
            await Apply(fault);
        }
        catch (InvalidOperationException trouble)
        {
            experiment.Violations.Add(Invariants.UnattendedRecovery, $"{fault.Name} {fault.TargetName} at {start:0.0} could not be done or undone: {trouble.Message}");
        }
        finally
        {
            place.Release();
            var end = Clock.ElapsedSeconds;
            _faultEndTimes.Enqueue(end);
            _injectedCounts.AddOrUpdate(fault.Name, 1, (_, count) => count + 1);
            experiment.History.Add(new FaultRecord(fault.Name, fault.TargetName, start, end));
        }
    }

    private Task Apply(Fault fault)
    {
        var (broker, store) = (experiment.Deployment.Broker!, experiment.Deployment.Store!);
        var server = experiment.Deployment.Servers.FirstOrDefault(server => server.Name == fault.TargetName)!;
        return fault.Kind switch
        {
            FaultKind.KillApi or FaultKind.KillLifecycle => KillServer(server, fault.Duration),
            FaultKind.KillBroker => ApplyFor(broker.Kill, fault.Duration, broker.Restart),
            FaultKind.KillStore => KillStore(store, fault.Duration),
            FaultKind.FreezeApi or FaultKind.FreezeLifecycle => ApplyFor(server.Freeze, fault.Duration, server.Thaw),
            FaultKind.FreezeBroker => ApplyFor(broker.Pause, fault.Duration, broker.Unpause),
            FaultKind.FreezeStore => ApplyFor(store.Pause, fault.Duration, store.Unpause),
            FaultKind.Cut => ToTask(() =>
            {
                server.BrokerProxy.ResetConnections();
                server.StoreProxy.ResetConnections();
            }),
            FaultKind.Latency => ApplyFor(() => ToTask(() => SetLatency(server, InjectedLatency)), fault.Duration, () => ToTask(() => SetLatency(server, TimeSpan.Zero))),
            FaultKind.HalfOpen => ApplyFor(() => ToTask(() => StartBlackhole(server)), fault.Duration, () => ToTask(() => EndBlackhole(server))),
            FaultKind.DropReplies => ApplyFor(() => ToTask(() => server.BrokerProxy.StartBlackhole(toTarget: false, toClient: true)), fault.Duration, () => ToTask(server.BrokerProxy.EndBlackhole)),
            FaultKind.Redeliver => ForceRedelivery(server, fault.Duration),
            FaultKind.MemoryAlarm => ApplyFor(() => ConfigureBroker(broker, "set_vm_memory_high_watermark", "absolute", "1MB"), fault.Duration, () => ConfigureBroker(broker, "set_vm_memory_high_watermark", "0.6")),
            FaultKind.DiskAlarm => ApplyFor(() => ConfigureBroker(broker, "set_disk_free_limit", "100000GB"), fault.Duration, () => ConfigureBroker(broker, "set_disk_free_limit", "50MB")),
            FaultKind.SlowStore => SlowStore(store, fault.Duration),
            FaultKind.FullStore => FillStore(store, experiment.Deployment.StoreDisk!, fault.Duration),
            FaultKind.StopNode => ApplyToNode(fault, node => node.Stop(), node => node.Restart()),
            FaultKind.KillNode => ApplyToNode(fault, node => node.Kill(), node => node.Restart()),
            FaultKind.PartitionNode => ApplyToNode(
                fault, _ => experiment.Deployment.Cluster!.Partition(GetNodeNumber(fault)), _ => experiment.Deployment.Cluster!.Heal(GetNodeNumber(fault))),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, null),
        };
    }

    private static async Task ApplyFor(Func<Task> apply, TimeSpan duration, Func<Task> revert)
    {
        await apply();
        await Task.Delay(duration);
        await revert();
    }

    private static Task ToTask(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    // The next one begins when this one is whole again.
    private async Task ApplyToNode(Fault fault, Func<Container, Task> apply, Func<Container, Task> revert)
    {
        var cluster = experiment.Deployment.Cluster ?? throw new InvalidOperationException("the broker has one node");
        var node = cluster.Nodes[GetNodeNumber(fault) - 1];
        await ApplyFor(() => apply(node), fault.Duration, () => revert(node));
        await cluster.WaitUntilFullyReplicated();
    }

    private static int GetNodeNumber(Fault fault) => (fault.Target % 3) + 1;

    private async Task KillStore(Container store, TimeSpan time)
    {
        await store.Kill();
        var from = Clock.ElapsedSeconds;
        await Task.Delay(time);
        _storeOutages.Enqueue((from, Clock.ElapsedSeconds));
        await store.Restart();
    }

    private async Task SlowStore(Container store, TimeSpan time)
    {
        using var writes = new DirectStoreWriter(experiment.Deployment.StoreUrl);
        await using var disk = await SlowDisk.Start(store, writes);
        var from = Clock.ElapsedSeconds;
        await Task.Delay(time);
        _slowStorePeriods.Enqueue((from, Clock.ElapsedSeconds));
    }

    private async Task FillStore(Container store, LimitedDisk disk, TimeSpan time)
    {
        using var over = new CancellationTokenSource();
        var supervision = store.RestartOnExit(over.Token);
        try
        {
            await disk.Fill();
            await WaitUntilWritesFail();
            var from = Clock.ElapsedSeconds;
            await Task.Delay(time / 2);
            await store.KillAndRestart();
            await Task.Delay(time / 2);
            _fullDiskPeriods.Enqueue((from, Clock.ElapsedSeconds));
        }
        finally
        {
            await disk.FreeSpace();
            await store.WaitForPort();
            await over.CancelAsync();
            Interlocked.Add(ref _storeRestarts, await supervision);
        }
    }

    // What it has set aside for itself goes first.
    private async Task WaitUntilWritesFail()
    {
        using var writes = new DirectStoreWriter(experiment.Deployment.StoreUrl);
        for (var count = 0; await writes.TryWrite(1_000_000) is not null; count++)
        {
            if (count == 500)
            {
                throw new InvalidOperationException($"the store still takes writes: {count} MB since its disk is full");
            }
        }
    }

    private async Task KillServer(ProxiedServer server, TimeSpan time)
    {
        await server.Kill();
        await Task.Delay(time);
        StartServer(server);
    }

    // It is not waited for: what it needs may be away.
    private void StartServer(ProxiedServer server)
    {
        server.Start();
        _restarts.Enqueue(server.WaitUntilReady(TimeSpan.FromMinutes(3)));
    }

    // What it was sent gets stored, and the broker does not hear of it. Both are lost to each other when it dies.
    private async Task ForceRedelivery(ProxiedServer server, TimeSpan time)
    {
        server.BrokerProxy.StartBlackhole(toTarget: true, toClient: false);
        await Task.Delay(time);
        Interlocked.Add(ref _unacknowledgedMessages, await CountUnacknowledged());
        await server.Kill();
        server.BrokerProxy.EndBlackhole();
        StartServer(server);
    }

    private async Task<int> CountUnacknowledged()
    {
        try
        {
            var queues = await BrokerQueues.ReadMessageCounts(experiment.Deployment.Broker!);
            return queues.Where(queue => queue.Key is "runs-lifecycle" or "runs-commands").Sum(queue => queue.Value.Unacknowledged);
        }
        catch (InvalidOperationException)
        {
            return 0; // the broker is away just now
        }
    }

    private static void SetLatency(ProxiedServer server, TimeSpan latency) => (server.BrokerProxy.Latency, server.StoreProxy.Latency) = (latency, latency);

    private static void StartBlackhole(ProxiedServer server)
    {
        server.BrokerProxy.StartBlackhole(toTarget: true, toClient: true);
        server.StoreProxy.StartBlackhole(toTarget: true, toClient: true);
    }

    private static void EndBlackhole(ProxiedServer server)
    {
        server.BrokerProxy.EndBlackhole();
        server.StoreProxy.EndBlackhole();
    }

    // It may be starting, after a fault just before.
    private static async Task ConfigureBroker(Container broker, params string[] setting)
    {
        await broker.Execute("rabbitmqctl", "--quiet", "await_startup", "--timeout", "60");
        await broker.Execute(["rabbitmqctl", "--quiet", .. setting]);
    }
}
