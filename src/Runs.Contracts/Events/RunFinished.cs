using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// The run has ended and does not change any more. Delivered at least once, always with the same message id. The order
/// of a run's events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service after the outcome is stored durably, with one message id for each run, regardless of which
/// sender ended it and how often the outcome was sent.
/// </remarks>
public sealed record RunFinished
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary><see cref="RunKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>The project or conversation that the run belongs to.</summary>
    [JsonPropertyName("owner")]
    public required Owner Owner { get; init; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>The error of a failed run, or null.</summary>
    [JsonPropertyName("error")]
    public RunError? Error { get; init; }

    /// <summary>
    /// The number of attempts; 0 for a run that ended before it started, or that an earlier release started. Null in
    /// events of releases that did not count them.
    /// </summary>
    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    /// <summary>A UUID: the schedule that fired the run, or null.</summary>
    [JsonPropertyName("schedule_id")]
    public string? ScheduleId { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
