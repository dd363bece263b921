using MongoDB.Bson;

namespace Runs.FaultInjection.Storage;

/// <summary>An attempt of a stored run.</summary>
/// <param name="Number">The number, from 1.</param>
/// <param name="WorkerKey">The worker; null when the run was started without a claim.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null for the current one.</param>
/// <param name="Outcome">How it ended; null for the current one.</param>
/// <param name="RetryAt">The time before which the next attempt did not begin; null without a delay.</param>
/// <param name="ErrorMessage">The error.</param>
internal sealed record StoredAttempt(
    int Number,
    string? WorkerKey,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Outcome,
    DateTimeOffset? RetryAt,
    string? ErrorMessage)
{
    public static StoredAttempt FromBson(BsonDocument attempt) => new(
        attempt["attempt"].ToInt32(),
        attempt.TryGetValue("worker_key", out var worker) ? worker.AsString : null,
        new DateTimeOffset(attempt["started_at"].ToUniversalTime()),
        ReadTime(attempt, "ended_at"),
        attempt.TryGetValue("outcome", out var outcome) ? outcome.AsString : null,
        ReadTime(attempt, "retry_at"),
        attempt.TryGetValue("error", out var error) ? error["message"].AsString : null);

    private static DateTimeOffset? ReadTime(BsonDocument attempt, string name) =>
        attempt.TryGetValue(name, out var time) ? new DateTimeOffset(time.ToUniversalTime()) : null;
}
