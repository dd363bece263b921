using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Releases a claimed run: the attempt ends, and the run is ready for the next one. Sent by the worker that holds the
/// run. It does not count as a failure, except for every 20th release in a row. A repeat changes nothing.
/// </summary>
/// <remarks>
/// The reply is <see cref="RunSnapshot"/>, or <see cref="RunRejected"/> with <see cref="RejectionCodes.AttemptLost"/>
/// when the attempt is over, <see cref="RejectionCodes.RunNotActive"/> when the run has ended, or
/// <see cref="RejectionCodes.RunNotFound"/>. A run that waits keeps waiting, without a worker.
/// </remarks>
public sealed record ReleaseRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>The number of the attempt, from the reply to the claim. 1 or more.</summary>
    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary><see cref="ReleaseReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
