using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Cancels a run and all its descendants that have not ended. A run that has ended does not change, and a repeat
/// changes nothing. Sent by any service that may cancel the run.
/// </summary>
/// <remarks>
/// A cancel may overtake the create of its run. When the sender requests a reply, the reply is <c>RUN_NOT_FOUND</c>,
/// nothing is stored, and the sender retries. Without a reply address the sender cannot learn of the rejection, so the
/// cancel is stored: a create of this run that arrives later is stored as cancelled and never executed.
/// </remarks>
public sealed record CancelRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
