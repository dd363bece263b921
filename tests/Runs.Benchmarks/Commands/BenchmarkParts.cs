namespace Runs.Benchmarks.Commands;

/// <summary>The parts of the benchmark, as the command line names them.</summary>
internal static class BenchmarkParts
{
    public const string Creates = "creates";
    public const string WireCosts = "wire-costs";
    public const string Reads = "reads";
    public const string Appends = "appends";
    public const string Streams = "streams";
    public const string Agents = "agents";
    public const string Growth = "growth";
    public const string Startup = "startup";
    public const string ScaleOut = "scale-out";
    public const string BrokerCluster = "broker-cluster";
    public const string Overload = "overload";
    public const string Claims = "claims";
    public const string ClaimPools = "claim-pools";
    public const string Workers = "workers";
    public const string Schedules = "schedules";

    /// <summary>All parts, in the order of measurement.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Creates, WireCosts, Reads, Appends, Streams, Agents, Growth, Startup, ScaleOut, BrokerCluster, Overload,
        Claims, ClaimPools, Workers, Schedules,
    ];
}
