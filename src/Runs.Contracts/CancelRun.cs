using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Calls a run off, with all its descendants that have not ended. A run that has ended stays as it is. Repeats change nothing.
/// </summary>
public sealed record CancelRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }
}
