namespace Runs.Benchmarks.Load;

/// <summary>The number of requests that the callers of a load may still send together.</summary>
/// <param name="maxRequests">Null for no limit.</param>
internal sealed class RequestBudget(long? maxRequests)
{
    private long _taken;

    public bool TryTake() => maxRequests is not { } limit || Interlocked.Increment(ref _taken) <= limit;
}
