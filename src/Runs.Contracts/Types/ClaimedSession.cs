using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>What a worker has stored with a run. It stays with the run, and each claim gets it.</summary>
public sealed record ClaimedSession
{
    /// <summary>A UUID.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>The worker's own name of the session. 1-512 characters.</summary>
    [JsonPropertyName("session_key")]
    public required string SessionKey { get; init; }

    /// <summary><c>active</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>The worker that last changed the session.</summary>
    [JsonPropertyName("worker_id")]
    public string? WorkerId { get; init; }

    /// <summary>The implementation of that worker.</summary>
    [JsonPropertyName("implementation_kind")]
    public required string ImplementationKind { get; init; }

    /// <summary>A JSON object, exactly as sent, of at most 64 KiB; or null.</summary>
    [JsonPropertyName("metadata")]
    public RawJson? Metadata { get; init; }

    /// <summary>When the session was created.</summary>
    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session was last changed.</summary>
    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the session ended; null while it is active.</summary>
    [JsonPropertyName("ended_at")]
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? EndedAt { get; init; }
}
