using System.Collections.Concurrent;

namespace Runs.Bench.Torture;

/// <summary>Does what a schedule of faults says, and undoes it.</summary>
internal sealed class Harm(Stage stage)
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _places = new();
    private readonly ConcurrentDictionary<string, int> _done = new();
    private readonly ConcurrentQueue<Task> _returning = new();
    private readonly ConcurrentQueue<double> _ends = new();
    private readonly ConcurrentQueue<(double From, double To)> _storeless = new();
    private readonly ConcurrentQueue<(double From, double To)> _slowed = new();
    private readonly ConcurrentQueue<(double From, double To)> _full = new();
    private int _unacknowledged;
    private int _storeStarts;

    /// <summary>How often each fault was done.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    /// <summary>When there was surely no store.</summary>
    public IReadOnlyCollection<(double From, double To)> Storeless => _storeless;

    /// <summary>When every sync of the store surely was slow.</summary>
    public IReadOnlyCollection<(double From, double To)> Slowed => _slowed;

    /// <summary>When the store's disk was full, from a write that was refused for it until there was room again.</summary>
    public IReadOnlyCollection<(double From, double To)> Full => _full;

    /// <summary>How often the store had ended while its disk was full, and was started again.</summary>
    public int StoreStarts => _storeStarts;

    /// <summary>When each fault was over: what was killed is started again, if not ready yet.</summary>
    public IReadOnlyCollection<double> Ends => _ends;

    /// <summary>Messages that were with a lifecycle, and not acknowledged, when a redelivery was forced: all of them were delivered again.</summary>
    public int Unacknowledged => _unacknowledged;

    public async Task Do(IReadOnlyList<Fault> schedule)
    {
        var begin = Watch.Seconds;
        await Task.WhenAll(schedule.Select(async fault =>
        {
            var wait = begin + fault.At.TotalSeconds - Watch.Seconds;
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, wait)));
            await Do(fault);
        }));
    }

    /// <summary>Waits until every process that was killed is ready again.</summary>
    public async Task AllReturned()
    {
        while (_returning.TryDequeue(out var ready))
        {
            try
            {
                await ready;
            }
            catch (TimeoutException trouble)
            {
                stage.Violations.Add(Promises.NoHelp, trouble.Message);
            }
        }
    }

    public async Task Do(Fault fault)
    {
        var place = _places.GetOrAdd(fault.Place, _ => new SemaphoreSlim(1));
        await place.WaitAsync();
        var start = Watch.Seconds;
        try
        {
            Stage.Say($"{fault.Name} {fault.Place} for {fault.For.TotalSeconds:0.0} s");
            await Inflict(fault);
        }
        catch (InvalidOperationException trouble)
        {
            stage.Violations.Add(Promises.NoHelp, $"{fault.Name} {fault.Place} at {start:0.0} could not be done or undone: {trouble.Message}");
        }
        finally
        {
            place.Release();
            var end = Watch.Seconds;
            _ends.Enqueue(end);
            _done.AddOrUpdate(fault.Name, 1, (_, count) => count + 1);
            stage.History.Add(new FaultRecord(fault.Name, fault.Place, start, end));
        }
    }

    private Task Inflict(Fault fault)
    {
        var (broker, store) = (stage.Deployment.Broker!, stage.Deployment.Store!);
        var server = stage.Deployment.Servers.FirstOrDefault(server => server.Name == fault.Place)!;
        return fault.Kind switch
        {
            FaultKind.KillApi or FaultKind.KillLifecycle => KillServer(server, fault.For),
            FaultKind.KillBroker => Between(broker.Kill, fault.For, broker.Restart),
            FaultKind.KillStore => KillStore(store, fault.For),
            FaultKind.FreezeApi or FaultKind.FreezeLifecycle => Between(server.Freeze, fault.For, server.Thaw),
            FaultKind.FreezeBroker => Between(broker.Pause, fault.For, broker.Unpause),
            FaultKind.FreezeStore => Between(store.Pause, fault.For, store.Unpause),
            FaultKind.Cut => Now(() =>
            {
                server.Broker.Cut();
                server.Store.Cut();
            }),
            FaultKind.Latency => Between(() => Now(() => SlowDown(server, Slow)), fault.For, () => Now(() => SlowDown(server, TimeSpan.Zero))),
            FaultKind.HalfOpen => Between(() => Now(() => Hold(server)), fault.For, () => Now(() => Release(server))),
            FaultKind.DropReplies => Between(() => Now(() => server.Broker.Hold(up: false, down: true)), fault.For, () => Now(server.Broker.Release)),
            FaultKind.Redeliver => Redeliver(server, fault.For),
            FaultKind.MemoryAlarm => Between(() => Set(broker, "set_vm_memory_high_watermark", "absolute", "1MB"), fault.For, () => Set(broker, "set_vm_memory_high_watermark", "0.6")),
            FaultKind.DiskAlarm => Between(() => Set(broker, "set_disk_free_limit", "100000GB"), fault.For, () => Set(broker, "set_disk_free_limit", "50MB")),
            FaultKind.SlowStore => SlowStore(store, fault.For),
            FaultKind.FullStore => FillStore(store, stage.Deployment.Disk!, fault.For),
            FaultKind.StopNode => HarmNode(fault, node => node.Stop(), node => node.Restart()),
            FaultKind.KillNode => HarmNode(fault, node => node.Kill(), node => node.Restart()),
            FaultKind.PartitionNode => HarmNode(
                fault, _ => stage.Deployment.Cluster!.Partition(NodeOf(fault)), _ => stage.Deployment.Cluster!.Heal(NodeOf(fault))),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, null),
        };
    }

    private static async Task Between(Func<Task> harm, TimeSpan time, Func<Task> heal)
    {
        await harm();
        await Task.Delay(time);
        await heal();
    }

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    // The next one begins when this one is whole again.
    private async Task HarmNode(Fault fault, Func<Container, Task> harm, Func<Container, Task> heal)
    {
        var cluster = stage.Deployment.Cluster ?? throw new InvalidOperationException("the broker has one node");
        var node = cluster.Nodes[NodeOf(fault) - 1];
        await Between(() => harm(node), fault.For, () => heal(node));
        await cluster.IsWhole();
    }

    private static int NodeOf(Fault fault) => (fault.Target % 3) + 1;

    private async Task KillStore(Container store, TimeSpan time)
    {
        await store.Kill();
        var from = Watch.Seconds;
        await Task.Delay(time);
        _storeless.Enqueue((from, Watch.Seconds));
        await store.Restart();
    }

    private async Task SlowStore(Container store, TimeSpan time)
    {
        using var writes = new PlainWrites(stage.Deployment.StoreUrl);
        await using var disk = await SlowDisk.Under(store, writes);
        var from = Watch.Seconds;
        await Task.Delay(time);
        _slowed.Enqueue((from, Watch.Seconds));
    }

    private async Task FillStore(Container store, LimitedDisk disk, TimeSpan time)
    {
        using var over = new CancellationTokenSource();
        var supervision = store.Supervise(over.Token);
        try
        {
            await disk.Fill();
            await Refuses();
            var from = Watch.Seconds;
            await Task.Delay(time / 2);
            await store.KillAndStart();
            await Task.Delay(time / 2);
            _full.Enqueue((from, Watch.Seconds));
        }
        finally
        {
            await disk.Empty();
            await store.IsOpen();
            await over.CancelAsync();
            Interlocked.Add(ref _storeStarts, await supervision);
        }
    }

    // What it has set aside for itself goes first.
    private async Task Refuses()
    {
        using var writes = new PlainWrites(stage.Deployment.StoreUrl);
        for (var count = 0; await writes.Write(1_000_000) is not null; count++)
        {
            if (count == 500)
            {
                throw new InvalidOperationException($"the store still takes writes: {count} MB since its disk is full");
            }
        }
    }

    private async Task KillServer(TorturedServer server, TimeSpan time)
    {
        await server.Kill();
        await Task.Delay(time);
        Start(server);
    }

    // It is not waited for: what it needs may be away.
    private void Start(TorturedServer server)
    {
        server.Start();
        _returning.Enqueue(server.IsReady(TimeSpan.FromMinutes(3)));
    }

    // What it was sent gets stored, and the broker does not hear of it. Both are lost to each other when it dies.
    private async Task Redeliver(TorturedServer server, TimeSpan time)
    {
        server.Broker.Hold(up: true, down: false);
        await Task.Delay(time);
        Interlocked.Add(ref _unacknowledged, await UnacknowledgedNow());
        await server.Kill();
        server.Broker.Release();
        Start(server);
    }

    private async Task<int> UnacknowledgedNow()
    {
        try
        {
            var queues = await BrokerQueues.Read(stage.Deployment.Broker!);
            return queues.Where(queue => queue.Key is "runs-lifecycle" or "runs-commands").Sum(queue => queue.Value.Unacknowledged);
        }
        catch (InvalidOperationException)
        {
            return 0; // the broker is away just now
        }
    }

    private static void SlowDown(TorturedServer server, TimeSpan latency) => (server.Broker.Latency, server.Store.Latency) = (latency, latency);

    private static void Hold(TorturedServer server)
    {
        server.Broker.Hold(up: true, down: true);
        server.Store.Hold(up: true, down: true);
    }

    private static void Release(TorturedServer server)
    {
        server.Broker.Release();
        server.Store.Release();
    }

    // It may be starting, after a fault just before.
    private static async Task Set(Container broker, params string[] setting)
    {
        await broker.Execute("rabbitmqctl", "--quiet", "await_startup", "--timeout", "60");
        await broker.Execute(["rabbitmqctl", "--quiet", .. setting]);
    }
}
