using System.Collections.Concurrent;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Faults;

/// <summary>Injects and reverts the faults of a schedule, one at a time for each target.</summary>
internal sealed class FaultInjector(Experiment experiment)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _targetLocks = new();
    private readonly ConcurrentDictionary<string, int> _injectedCounts = new();
    private readonly ConcurrentQueue<double> _faultEndTimes = new();
    private readonly BrokerFaults _broker = new(experiment.Deployment);

    /// <summary>The number of injected faults, by name.</summary>
    public IReadOnlyDictionary<string, int> InjectedCounts => _injectedCounts;

    /// <summary>
    /// When each fault was reverted. A server that was killed is started again then, but may not be ready.
    /// </summary>
    public IReadOnlyCollection<double> FaultEndTimes => _faultEndTimes;

    public ServerFaults Servers { get; } = new(experiment);

    public StoreFaults Store { get; } = new(experiment.Deployment);

    /// <summary>Injects the faults of a schedule at their times.</summary>
    public Task Inject(IReadOnlyList<Fault> schedule)
    {
        var begin = Clock.ElapsedSeconds;
        return Task.WhenAll(schedule.Select(async fault =>
        {
            var wait = begin + fault.StartOffset.TotalSeconds - Clock.ElapsedSeconds;
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, wait)));
            await Inject(fault);
        }));
    }

    /// <summary>Injects a fault and reverts it after its duration.</summary>
    public async Task Inject(Fault fault)
    {
        var targetLock = _targetLocks.GetOrAdd(fault.TargetName, _ => new SemaphoreSlim(1));
        await targetLock.WaitAsync();
        var start = Clock.ElapsedSeconds;
        try
        {
            Experiment.WriteProgress($"{fault.Name} {fault.TargetName} for {fault.Duration.TotalSeconds:0.0} s");
            await Apply(fault);
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
        {
            experiment.Violations.Add(
                Invariants.UnattendedRecovery,
                $"{fault.Name} {fault.TargetName} at {start:0.0} could not be injected or reverted: {exception.Message}");
        }
        finally
        {
            targetLock.Release();
            var end = Clock.ElapsedSeconds;
            _faultEndTimes.Enqueue(end);
            _injectedCounts.AddOrUpdate(fault.Name, 1, (_, count) => count + 1);
            experiment.History.Add(new FaultRecord(fault.Name, fault.TargetName, start, end));
        }
    }

    private Task Apply(Fault fault) => fault.Kind switch
    {
        FaultKind.KillApi or FaultKind.KillLifecycle => Servers.Kill(fault),
        FaultKind.FreezeApi or FaultKind.FreezeLifecycle => Servers.Freeze(fault),
        FaultKind.Cut => Servers.ResetConnections(fault),
        FaultKind.Latency => Servers.DelayTraffic(fault),
        FaultKind.HalfOpen => Servers.DropTraffic(fault),
        FaultKind.DropReplies => Servers.DropReplies(fault),
        FaultKind.Redeliver => Servers.ForceRedelivery(fault),
        FaultKind.KillBroker => _broker.Kill(fault),
        FaultKind.FreezeBroker => _broker.Freeze(fault),
        FaultKind.MemoryAlarm => _broker.RaiseMemoryAlarm(fault),
        FaultKind.DiskAlarm => _broker.RaiseDiskAlarm(fault),
        FaultKind.StopNode => _broker.StopNode(fault),
        FaultKind.KillNode => _broker.KillNode(fault),
        FaultKind.PartitionNode => _broker.PartitionNode(fault),
        FaultKind.KillStore => Store.Kill(fault),
        FaultKind.FreezeStore => Store.Freeze(fault),
        FaultKind.SlowStore => Store.SlowDown(fault),
        FaultKind.FullStore => Store.FillDisk(fault),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, null),
    };
}
