using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The pools that have ready runs, as far as this process knows: those that the last scan of the store has found, and
/// those that were reported since. Most workers wait in many pools, and most of these are empty: a scan costs about one
/// read for each pool that is not.
/// </summary>
internal sealed partial class KnownReadyPools(IRunStore store, TimeProvider clock, ILogger<KnownReadyPools> logger)
{
    /// <summary>The time between two scans while claims wait. A report may be lost.</summary>
    public static readonly TimeSpan ScanInterval = TimeSpan.FromSeconds(1);

    /// <summary>The maximum number of pools that a scan finds. When there are more, any pool may have runs.</summary>
    public const int MaxPools = 32;

    private readonly Lock _lock = new();
    private HashSet<(string Tenant, ClaimPool Pool)> _ready = [];
    private HashSet<(string Tenant, ClaimPool Pool)> _reported = []; // since the current scan began
    private bool _isScanning;
    private long? _startedAt;
    private long? _scannedAt;
    private bool _isComplete;

    /// <summary>Whether the last scan is so old that another one should begin.</summary>
    public bool NeedsScan
    {
        get
        {
            lock (_lock)
            {
                return !_isScanning && (_startedAt is not { } at || clock.GetElapsedTime(at) >= ScanInterval);
            }
        }
    }

    /// <summary>The number of pools that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count + _reported.Count;
            }
        }
    }

    // Older results are not used, so nothing is remembered while no claim waits.
    private bool IsCurrent => _scannedAt is { } at && clock.GetElapsedTime(at) < 2 * ScanInterval;

    /// <summary>Adds a pool that was reported to have a ready run.</summary>
    public void Add(string tenant, ClaimPool pool)
    {
        lock (_lock)
        {
            if (_isScanning)
            {
                _reported.Add((tenant, pool)); // the scan may have passed the pool
            }

            if (IsCurrent)
            {
                _ready.Add((tenant, pool));
            }
        }
    }

    /// <summary>
    /// Whether the pool may have ready runs: not when a scan within the last two seconds has not found it, and it was
    /// not reported since.
    /// </summary>
    public bool MayHaveRuns(string tenant, ClaimPool pool)
    {
        lock (_lock)
        {
            return !IsCurrent || !_isComplete || _ready.Contains((tenant, pool));
        }
    }

    /// <summary>Scans the store, unless a scan is under way. A failure is logged.</summary>
    /// <returns>Whether this call has scanned the store.</returns>
    public async Task<bool> Scan()
    {
        lock (_lock)
        {
            if (_isScanning)
            {
                return false;
            }

            _isScanning = true;
            _startedAt = clock.GetTimestamp();
            _reported = [];
        }

        try
        {
            await ScanStore();
            return true;
        }
        catch (Exception exception)
        {
            LogScanFailed(exception);
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _isScanning = false;
            }
        }
    }

    private async Task ScanStore()
    {
        var found = new HashSet<(string, ClaimPool)>();
        var (pool, isComplete) = (await store.FindReadyPool(null, CancellationToken.None), true);
        for (var count = 1; pool is not null; count++)
        {
            found.Add((pool.Tenant, new ClaimPool(pool.Name)));
            if (ClaimPools.GetKindPool(pool.Name) is { } kindPool)
            {
                found.Add((pool.Tenant, kindPool));
            }

            if (count == MaxPools)
            {
                isComplete = false;
                break;
            }

            pool = await store.FindReadyPool(pool, CancellationToken.None);
        }

        lock (_lock)
        {
            found.UnionWith(_reported);
            (_ready, _isComplete, _scannedAt) = (found, isComplete, _startedAt);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to read the pools that have ready runs; will retry")]
    private partial void LogScanFailed(Exception exception);
}
