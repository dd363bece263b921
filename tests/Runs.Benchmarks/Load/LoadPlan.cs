namespace Runs.Benchmarks.Load;

/// <summary>What the callers ask.</summary>
/// <param name="Port">Whom, on 127.0.0.1.</param>
/// <param name="Request">The request.</param>
/// <param name="NextRunNumber">The number in a caller's next request; gets which caller it is.</param>
/// <param name="ExpectedStatus">The status of a good answer.</param>
/// <param name="Interval">How often each caller asks at most; null when it asks again at once.</param>
internal sealed record LoadPlan(int Port, RequestTemplate Request, Func<int, long> NextRunNumber, int ExpectedStatus, TimeSpan? Interval = null);
