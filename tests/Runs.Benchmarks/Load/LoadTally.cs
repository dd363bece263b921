using Runs.TestEnvironment;

namespace Runs.Benchmarks.Load;

/// <summary>Counts the responses of all callers of a load.</summary>
internal sealed class LoadTally
{
    private readonly LatencyHistogram _latencies = new();
    private long _succeeded;
    private long _rejected;
    private long _rejectedWithRetryAfter;
    private long _failed;

    /// <param name="latency">Null outside the measured window.</param>
    public void RecordSuccess(TimeSpan? latency)
    {
        Interlocked.Increment(ref _succeeded);
        if (latency is { } measured)
        {
            _latencies.Record(measured);
        }
    }

    public void RecordRejection(bool isMeasured, bool hasRetryAfter)
    {
        if (isMeasured)
        {
            Interlocked.Increment(ref _rejected);
            Interlocked.Add(ref _rejectedWithRetryAfter, hasRetryAfter ? 1 : 0);
        }
    }

    public void RecordFailure() => Interlocked.Increment(ref _failed);

    public LoadResult ToResult(TimeSpan window, TimeSpan callerCpu) => new()
    {
        Seconds = window.TotalSeconds,
        Latencies = _latencies,
        SucceededTotal = _succeeded,
        Rejected = _rejected,
        RejectedWithRetryAfter = _rejectedWithRetryAfter,
        Failed = _failed,
        CallerCpuSeconds = callerCpu.TotalSeconds,
    };
}
