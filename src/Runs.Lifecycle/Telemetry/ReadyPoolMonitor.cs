using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Logs and counts the pools whose first run has been ready for a minute: no worker has asked for it, or all of them
/// are busy. Every process with the lifecycle role logs the same, once a minute. Reads up to 200 pools a minute, and
/// continues after the last of them a minute later.
/// </summary>
internal sealed partial class ReadyPoolMonitor : BackgroundService
{
    /// <summary>The time between two checks, and the time after which a run has waited too long.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const int MaxPoolsPerCheck = 200;

    private readonly IRunStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    // The first run of each pool and the time since which it is the first, by tenant and pool, in the pass that is
    // under way and in the one before.
    private Dictionary<(string Tenant, string Pool), (ClaimCandidate First, long Since)> _pass = [];
    private Dictionary<(string Tenant, string Pool), (ClaimCandidate First, long Since)> _lastPass = [];
    private ReadyPool? _last;
    private int? _waiting; // null before the first pass has ended, and after a failed read

    public ReadyPoolMonitor(IRunStore store, IMeterFactory meters, TimeProvider clock, ILogger<ReadyPoolMonitor> logger)
    {
        (_store, _clock, _logger) = (store, clock, logger);
        meters.GetMeter().CreateObservableGauge(
            "runs.pools.waiting",
            IEnumerable<Measurement<int>> () => _waiting is { } count ? [new Measurement<int>(count)] : [],
            "{pool}",
            "Pools whose first run has been ready for over a minute.");
    }

    /// <summary>Checks the next pools.</summary>
    public async Task Check(CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxPoolsPerCheck; i++)
        {
            _last = await _store.FindReadyPool(_last, cancellationToken);
            if (_last is null)
            {
                (_lastPass, _pass) = (_pass, []);
                _waiting = _lastPass.Values.Count(first => HasWaited(first.Since));
                return;
            }

            CheckPool(_last);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Check(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _waiting = null;
                LogReadFailed(exception);
            }
        }
    }

    private void CheckPool(ReadyPool pool)
    {
        var key = (pool.Tenant, pool.Name);
        var isSame = _lastPass.TryGetValue(key, out var first) && first.First == pool.First;
        var since = isSame ? first.Since : _clock.GetTimestamp();
        _pass[key] = (pool.First, since);
        if (HasWaited(since))
        {
            LogNotClaimed(pool.First.RunId, pool.Tenant, pool.Name, (long)_clock.GetElapsedTime(since).TotalSeconds);
        }
    }

    private bool HasWaited(long since) => _clock.GetElapsedTime(since) >= Interval;

    [LoggerMessage(
        LogLevel.Warning, "Run {RunId} of tenant {Tenant} is the next of pool {Pool}, and no worker has claimed it for {Seconds} s")]
    private partial void LogNotClaimed(string runId, string tenant, string pool, long seconds);

    [LoggerMessage(LogLevel.Debug, "Failed to read the pools with ready runs; will retry")]
    private partial void LogReadFailed(Exception exception);
}
