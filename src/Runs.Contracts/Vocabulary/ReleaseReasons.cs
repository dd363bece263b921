namespace Runs.Contracts;

/// <summary>The reason why a worker releases a run: the values of <see cref="ReleaseRun.Reason"/>.</summary>
public static class ReleaseReasons
{
    /// <summary>The worker shuts down. The run is ready at once.</summary>
    public const string Shutdown = "shutdown";

    /// <summary>The worker cannot execute this run. The run is ready after 10 seconds.</summary>
    public const string Rejected = "rejected";

    /// <summary>The reply to the claim did not reach the worker. The run is ready at once.</summary>
    public const string Unclaimed = "unclaimed";

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<string> All { get; } = [Shutdown, Rejected, Unclaimed];
}
