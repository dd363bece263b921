using MongoDB.Bson;
using MongoDB.Driver;
using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Storage;

/// <summary>
/// Damages the stored runs before the check, to test that the check detects it. Only for a database that this program
/// has started.
/// </summary>
internal static class CorruptionSelfTest
{
    private static readonly FilterDefinitionBuilder<BsonDocument> Filter = Builders<BsonDocument>.Filter;

    /// <summary>The invariants that a check must find violated.</summary>
    public static IReadOnlyList<string> ExpectedViolations { get; } =
    [
        Invariants.NoLostRuns,
        Invariants.NoDuplicateRuns,
        Invariants.ValidTransitions,
        Invariants.RootRunIds,
        Invariants.GaplessEventIds,
        Invariants.AppendedOnce,
        Invariants.TerminalEventLast,
        Invariants.MonotonicTimes,
        Invariants.EventsPublished,
    ];

    public static async Task Corrupt(IMongoCollection<BsonDocument> runs, IMongoCollection<BsonDocument> log)
    {
        var roots = Filter.Eq("status", "completed") & Filter.Exists("parent_run_id", false);
        var completed = await runs.Find(roots & Filter.Gt("latest_external_event_sequence", 1)).Limit(6).ToListAsync();
        await runs.DeleteOneAsync(Filter.Eq("_id", completed[0]["_id"]));
        await SetField(runs, completed[1], "status", "running");
        await SetField(runs, completed[2], "updated_at", new BsonDateTime(0));
        await SetField(runs, completed[3], "root_run_id", "run_other");
        await log.UpdateManyAsync(
            Filter.Eq("run_id", completed[4]["run_id"]),
            new BsonDocument("$pull", new BsonDocument("events", new BsonDocument("event_id", 3))));
        var duplicate = completed[5].DeepClone().AsBsonDocument;
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        duplicate["_id"] = new BsonBinaryData(id, GuidRepresentation.Standard);
        await runs.InsertOneAsync(duplicate);
    }

    private static Task SetField(IMongoCollection<BsonDocument> runs, BsonDocument run, string name, BsonValue value) =>
        runs.UpdateOneAsync(Filter.Eq("_id", run["_id"]), Builders<BsonDocument>.Update.Set(name, value));
}
