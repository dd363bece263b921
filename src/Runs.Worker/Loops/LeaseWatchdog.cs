using Microsoft.Extensions.Logging;

namespace Runs.Worker;

/// <summary>
/// Stops handlers whose lease or time limit is over, and reports those that do not stop. Runs on a dedicated thread:
/// it also works when the thread pool has no thread left, which is when leases are not renewed.
/// </summary>
internal sealed class LeaseWatchdog : IDisposable
{
    /// <summary>The time after which a handler that ignores its token counts as stuck.</summary>
    public static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly HeldAttempts _attempts;
    private readonly WorkerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Thread _thread;

    public LeaseWatchdog(string name, HeldAttempts attempts, WorkerMetrics metrics, ILogger logger)
    {
        _attempts = attempts;
        _metrics = metrics;
        _logger = logger;
        _thread = new Thread(Watch) { IsBackground = true, Name = $"Runs.Worker {name}".TrimEnd(), Priority = ThreadPriority.AboveNormal };
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopped.Set();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _stopped.Dispose();
    }

    private void Watch()
    {
        while (!_stopped.Wait(Interval))
        {
            foreach (var attempt in _attempts.All)
            {
                Check(attempt);
            }
        }
    }

    private void Check(Attempt attempt)
    {
        var reason = attempt.StopIfOver();
        if (reason == StopReason.LeaseLost)
        {
            _metrics.LeaseLost();
        }

        if (reason != StopReason.None)
        {
            _logger.StoppedAttempt(attempt.RunId, attempt.Number, reason);
        }

        if (attempt.MarkIfStuck(StuckAfter))
        {
            _metrics.HandlerStuck();
            _logger.HandlerIsStuck(attempt.RunId, attempt.Number, attempt.Reason);
        }
    }
}
