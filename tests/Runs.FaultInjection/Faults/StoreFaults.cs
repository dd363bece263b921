using System.Collections.Concurrent;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.Topology;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Faults;

/// <summary>The faults of the store and of its disk.</summary>
internal sealed class StoreFaults(Deployment deployment)
{
    private const int MaxReservedMegabytes = 500;

    private readonly ConcurrentQueue<TimePeriod> _outages = new();
    private readonly ConcurrentQueue<TimePeriod> _slowPeriods = new();
    private readonly ConcurrentQueue<TimePeriod> _fullDiskPeriods = new();
    private int _restarts;

    /// <summary>When the store was not running.</summary>
    public IReadOnlyCollection<TimePeriod> Outages => _outages;

    /// <summary>When every sync of the store was slow.</summary>
    public IReadOnlyCollection<TimePeriod> SlowPeriods => _slowPeriods;

    /// <summary>
    /// When the disk of the store was full, from the first write that failed until there was space again.
    /// </summary>
    public IReadOnlyCollection<TimePeriod> FullDiskPeriods => _fullDiskPeriods;

    /// <summary>How often the store exited while its disk was full, and was started again.</summary>
    public int Restarts => _restarts;

    private Container Store => deployment.Store!;

    public async Task Kill(Fault fault)
    {
        await Store.Kill();
        var from = Clock.ElapsedSeconds;
        await Task.Delay(fault.Duration);
        _outages.Enqueue(new TimePeriod(from, Clock.ElapsedSeconds));
        await Store.Restart();
    }

    public async Task Freeze(Fault fault)
    {
        await Store.Pause();
        await Task.Delay(fault.Duration);
        await Store.Unpause();
    }

    public async Task SlowDown(Fault fault)
    {
        using var writer = new DirectStoreWriter(deployment.StoreUrl);
        await using var disk = await SlowDisk.Start(Store, writer);
        var from = Clock.ElapsedSeconds;
        await Task.Delay(fault.Duration);
        _slowPeriods.Enqueue(new TimePeriod(from, Clock.ElapsedSeconds));
    }

    public async Task FillDisk(Fault fault)
    {
        var disk = deployment.StoreDisk!;
        using var stopping = new CancellationTokenSource();
        var supervision = Store.RestartOnExit(stopping.Token);
        try
        {
            await disk.Fill();
            await WaitUntilWritesFail();
            var from = Clock.ElapsedSeconds;
            await Task.Delay(fault.Duration / 2);
            await Store.KillAndRestart();
            await Task.Delay(fault.Duration / 2);
            _fullDiskPeriods.Enqueue(new TimePeriod(from, Clock.ElapsedSeconds));
        }
        finally
        {
            await disk.FreeSpace();
            await Store.WaitForPort();
            await stopping.CancelAsync();
            Interlocked.Add(ref _restarts, await supervision);
        }
    }

    // The store first uses the space that it has reserved.
    private async Task WaitUntilWritesFail()
    {
        using var writer = new DirectStoreWriter(deployment.StoreUrl);
        for (var megabytes = 0; await writer.TryWrite(1_000_000) is not null; megabytes++)
        {
            if (megabytes == MaxReservedMegabytes)
            {
                throw new InvalidOperationException($"the store has taken {megabytes} MB of writes since its disk is full");
            }
        }
    }
}
