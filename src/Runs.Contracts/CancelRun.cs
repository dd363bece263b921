using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Calls a run off, with all its descendants that have not ended. A run that has ended stays as it is. Repeats change nothing.
/// Sent by whoever may call it off.
/// </summary>
/// <remarks>
/// It may overtake the create that it follows. Whoever asks for an answer is then told <c>RUN_NOT_FOUND</c>, nothing is kept, and the sender asks again. Without
/// an address for an answer nobody could be told: the cancel is kept, and a create of this run that comes later is stored as cancelled and never executed.
/// </remarks>
public sealed record CancelRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
