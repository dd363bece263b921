using Microsoft.Extensions.Hosting;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// Records in the background that workers are alive and that they use their tokens: once a second, all heartbeats in
/// one statement. Both are recorded again by the next call when a write fails.
/// </summary>
internal sealed partial class WorkerActivity(
    IWorkerStore store, WorkerWriter writer, TimeProvider clock, ILogger<WorkerActivity> logger) : BackgroundService
{
    // Bounds the memory while the store is unavailable.
    private const int MaxPending = 100_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly LogLimiter _failureLimiter = new(1, TimeSpan.FromMinutes(1), clock);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, long> _recordedAt = [];
    private HashSet<Guid> _heartbeats = [];
    private Dictionary<(Guid WorkerId, string Sha256), DateTimeOffset> _tokenUses = [];

    /// <summary>The minimum time between two records of a worker's heartbeat by one process.</summary>
    public static TimeSpan HeartbeatPrecision { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Records that the worker is alive, unless this process has recorded it less than <see cref="HeartbeatPrecision"/>
    /// ago. Never waits.
    /// </summary>
    public void RecordHeartbeat(Guid workerId)
    {
        lock (_lock)
        {
            if (_heartbeats.Count < MaxPending && !_recordedAt.ContainsKey(workerId))
            {
                _heartbeats.Add(workerId);
            }
        }
    }

    /// <summary>Records that a token was used, when this is due. Never waits.</summary>
    public void RecordTokenUse(Guid workerId, WorkerToken token)
    {
        var now = clock.GetUtcNow().TruncateToMilliseconds();
        if (!token.IsUseDue(now))
        {
            return;
        }

        lock (_lock)
        {
            if (_tokenUses.Count < MaxPending)
            {
                _tokenUses[(workerId, token.Sha256)] = now;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WritePending(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_failureLimiter.TryAcquire())
                {
                    LogWriteFailed(exception);
                }
            }
        }
    }

    private async Task WritePending(CancellationToken cancellationToken)
    {
        var (heartbeats, tokenUses) = TakePending();
        if (heartbeats.Count > 0)
        {
            await store.RecordHeartbeats(heartbeats, clock.GetUtcNow().TruncateToMilliseconds(), cancellationToken);
            Remember(heartbeats);
        }

        foreach (var ((worker, sha256), time) in tokenUses)
        {
            await writer.Update(
                worker,
                stored => stored?.TryRecordUse(sha256, time, out var updated) == true ? updated : null,
                cancellationToken);
        }
    }

    private void Remember(HashSet<Guid> heartbeats)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            foreach (var worker in heartbeats)
            {
                _recordedAt[worker] = now;
            }
        }
    }

    private (HashSet<Guid> Heartbeats, Dictionary<(Guid WorkerId, string Sha256), DateTimeOffset> TokenUses) TakePending()
    {
        lock (_lock)
        {
            foreach (var (worker, at) in _recordedAt)
            {
                if (clock.GetElapsedTime(at) >= HeartbeatPrecision)
                {
                    _recordedAt.Remove(worker);
                }
            }

            var pending = (_heartbeats, _tokenUses);
            (_heartbeats, _tokenUses) = ([], []);
            return pending;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to record heartbeats and token uses of workers; their next calls record them")]
    private partial void LogWriteFailed(Exception exception);
}
