using MongoDB.Bson;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Tests;

/// <summary>Creates stored runs.</summary>
internal static class StoredRuns
{
    public static readonly DateTime Start = new(2026, 9, 1, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>A run with attempts of the given outcomes; null for one that has not ended.</summary>
    public static StoredRun WithAttempts(string status, params string?[] outcomes) => Create(new BsonDocument
    {
        ["status"] = status,
        ["attempt"] = outcomes.Length,
        ["failed_attempts"] = outcomes.Count(outcome => outcome is "failed" or "lost"),
        ["attempts"] = new BsonArray(outcomes.Select((outcome, index) => CreateAttempt(index + 1, outcome))),
    });

    public static StoredRun Create(BsonDocument members, params BsonDocument[] log)
    {
        var run = new BsonDocument { ["run_id"] = Calls.Run, ["kind"] = "task", ["status"] = "running" };
        return new(run.Merge(members, overwriteExistingElements: true), log);
    }

    /// <summary>An event that an executor has appended.</summary>
    public static BsonDocument Event(string name) => new()
    {
        ["external_sequence"] = 1,
        ["event"] = new BsonDocument { ["type"] = "CUSTOM", ["name"] = name }.ToJson(),
    };

    /// <summary>The event by which the service records an attempt.</summary>
    public static BsonDocument AttemptEvent(int attempt, string state) => new()
    {
        ["event"] = new BsonDocument
        {
            ["type"] = "CUSTOM",
            ["name"] = "runs.attempt",
            ["value"] = new BsonDocument { ["attempt"] = attempt, ["state"] = state },
        }.ToJson(),
    };

    // Each attempt takes ten seconds.
    private static BsonDocument CreateAttempt(int number, string? outcome)
    {
        var attempt = new BsonDocument { ["attempt"] = number, ["started_at"] = Start.AddSeconds(10 * (number - 1)) };
        if (outcome is not null)
        {
            (attempt["outcome"], attempt["ended_at"]) = (outcome, Start.AddSeconds(10 * number));
        }

        return attempt;
    }
}
