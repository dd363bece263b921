using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// An attempt has ended, and the run has not: it will be executed again, or it waits and no worker holds it. Delivered
/// at least once, always with the same message id. The order of a run's events is not guaranteed.
/// </summary>
/// <remarks>
/// Published by the service with one message id for each such attempt. The attempt that ends the run has
/// <see cref="RunFinished"/> only.
/// </remarks>
public sealed record RunAttemptEnded
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

    /// <summary>The number of the attempt.</summary>
    [JsonPropertyName("attempt")]
    public required int Attempt { get; init; }

    /// <summary><c>failed</c>, <c>lost</c>, <c>released</c> or <c>suspended</c>.</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    /// <summary>The error of a failed or lost attempt, or null.</summary>
    [JsonPropertyName("error")]
    public RunError? Error { get; init; }

    /// <summary>
    /// The time before which the next attempt does not begin; null when it may begin at once, and while the run waits.
    /// </summary>
    [JsonPropertyName("retry_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The time of the event.</summary>
    [JsonPropertyName("occurred_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset OccurredAt { get; init; }
}
