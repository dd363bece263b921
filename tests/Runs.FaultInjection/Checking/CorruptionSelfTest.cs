using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.FaultInjection.Checking;

/// <summary>Damages what is stored, before it is checked: a check that finds nothing then is no check. Only where the database is this program's own.</summary>
internal static class CorruptionSelfTest
{
    /// <summary>What a check must find broken afterwards.</summary>
    public static IReadOnlyList<string> ExpectedViolations { get; } =
    [
        Invariants.NoLostRuns, Invariants.NoDuplicateRuns, Invariants.ValidTransitions, Invariants.RootRunIds, Invariants.GaplessEventIds, Invariants.AppendedOnce, Invariants.TerminalEventLast, Invariants.MonotonicTimes, Invariants.EventsPublished,
    ];

    public static async Task Corrupt(IMongoCollection<BsonDocument> runs, IMongoCollection<BsonDocument> log)
    {
        var where = Builders<BsonDocument>.Filter;
        var completed = await runs.Find(where.Eq("status", "completed") & where.Exists("parent_run_id", false) & where.Gt("latest_external_event_sequence", 1)).Limit(6).ToListAsync();
        await runs.DeleteOneAsync(where.Eq("_id", completed[0]["_id"]));
        await Set(completed[1], "status", "running");
        await Set(completed[2], "updated_at", new BsonDateTime(0));
        await Set(completed[3], "root_run_id", "somebody");
        await log.DeleteOneAsync(where.Eq("run_id", completed[4]["run_id"]) & where.Eq("event_id", 3));
        var twin = completed[5].DeepClone().AsBsonDocument;
        twin["_id"] = new BsonBinaryData(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), GuidRepresentation.Standard);
        await runs.InsertOneAsync(twin);

        Task Set(BsonDocument run, string name, BsonValue value) => runs.UpdateOneAsync(where.Eq("_id", run["_id"]), Builders<BsonDocument>.Update.Set(name, value));
    }
}
