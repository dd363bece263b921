using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Says that execution has begun: a pending run becomes running. Sent by whoever executes the run. Repeats and late arrivals change nothing.
/// </summary>
public sealed record StartRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }
}
