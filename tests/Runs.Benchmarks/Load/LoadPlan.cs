namespace Runs.Benchmarks.Load;

/// <summary>The requests of a load.</summary>
/// <param name="Ports">The ports of the servers on 127.0.0.1, which the callers share evenly.</param>
/// <param name="Request">The request.</param>
/// <param name="NextRunNumber">Gives the run number of a caller's next request, from the index of the caller.</param>
/// <param name="ExpectedStatus">The status code that counts as success.</param>
internal sealed record LoadPlan(
    IReadOnlyList<int> Ports,
    RequestTemplate Request,
    Func<int, long> NextRunNumber,
    int ExpectedStatus)
{
    /// <summary>
    /// How long a load may last after the end of its window, for the responses to its last requests. It is longer than
    /// the timeouts of all servers.
    /// </summary>
    public static readonly TimeSpan DefaultResponseTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time between two requests of a caller, at an even pace. A request that follows a slow response is sent late.
    /// Null: each request is sent immediately after the last response.
    /// </summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>
    /// Whether latencies are measured from the time at which the request was due according to <see cref="Interval"/>,
    /// so that the delay of late requests is included (an open loop). Otherwise they are measured from the send.
    /// </summary>
    public bool IncludesSendDelay { get; init; }

    /// <inheritdoc cref="DefaultResponseTimeout"/>
    public TimeSpan ResponseTimeout { get; init; } = DefaultResponseTimeout;

    /// <summary>Ends the load after this number of requests; null for no limit.</summary>
    public long? MaxRequests { get; init; }

    /// <summary>Ends the load early. Requests under way are abandoned and do not count.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>The request of each caller, where callers differ, instead of <see cref="Request"/>.</summary>
    public IReadOnlyList<RequestTemplate>? CallerRequests { get; init; }

    /// <summary>
    /// A response with a shorter body is a failure: a claim is also answered 200 when there is no run to claim.
    /// </summary>
    public int MinResponseBytes { get; init; }
}
