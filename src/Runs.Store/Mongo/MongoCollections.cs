using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// The collections, with the guarantees that the stores depend on, regardless of the connection string: writes are
/// confirmed by a majority and journaled, and reads use the primary and see only such writes.
/// </summary>
internal static class MongoCollections
{
    // wTimeout applies on the server: a write that a majority does not confirm in time is an error, although it may
    // still be confirmed later.
    private static readonly WriteConcern MajorityAndJournal =
        WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10));

    static MongoCollections() => RunClassMaps.Register();

    public static IMongoCollection<Run> GetRuns(IMongoDatabase database) => Get<Run>(database, "runs");

    public static IMongoCollection<EventChunkDocument> GetEventChunks(IMongoDatabase database) =>
        Get<EventChunkDocument>(database, "run_events");

    public static IMongoCollection<ApiKeyRecord> GetApiKeys(IMongoDatabase database) => Get<ApiKeyRecord>(database, "api_keys");

    public static IMongoCollection<Worker> GetWorkers(IMongoDatabase database) => Get<Worker>(database, "workers");

    public static IMongoCollection<Schedule> GetSchedules(IMongoDatabase database) => Get<Schedule>(database, "schedules");

    private static IMongoCollection<T> Get<T>(IMongoDatabase database, string name) => database
        .GetCollection<T>(name)
        .WithWriteConcern(MajorityAndJournal)
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);
}
