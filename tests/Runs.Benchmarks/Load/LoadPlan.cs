namespace Runs.Benchmarks.Load;

/// <summary>The requests of a load.</summary>
/// <param name="Port">The port of the server on 127.0.0.1.</param>
/// <param name="Request">The request.</param>
/// <param name="NextRunNumber">Gives the run number of a caller's next request, from the index of the caller.</param>
/// <param name="ExpectedStatus">The status code that counts as success.</param>
/// <param name="Interval">
/// The least time between two requests of a caller; null when it sends the next one at once.
/// </param>
internal sealed record LoadPlan(
    int Port,
    RequestTemplate Request,
    Func<int, long> NextRunNumber,
    int ExpectedStatus,
    TimeSpan? Interval = null);
