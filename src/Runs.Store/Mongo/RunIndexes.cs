using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// The indexes of <c>runs</c> beside <c>_id</c>: one for each list, one for the timers, two for what is put elsewhere. Each has only the runs that it is about, so most
/// writes touch few of them.
/// </summary>
internal static class RunIndexes
{
    /// <summary>
    /// The runs with something to send. Asks for an element, not for the list: clearing pulls elements out and may leave an empty list, which this does not match
    /// and which therefore is not in the index either.
    /// </summary>
    public static readonly BsonDocument HasOutbox = Exists("outbox.message_id");

    /// <summary>The runs whose events have not all been put where the log is.</summary>
    public static readonly BsonDocument HasRecentEvents = Exists("recent_events.event_id");

    /// <summary>Makes those that are not there yet; the collection comes with the first.</summary>
    public static Task Create(IMongoCollection<Run> runs, CancellationToken cancellationToken)
    {
        var keys = Builders<Run>.IndexKeys;
        return runs.Indexes.CreateManyAsync(
            [
                List("project_id"),
                List("conversation_id"),
                List("parent_run_id"),
                List("trigger.conversation_id"),
                Index("due", keys.Ascending(run => run.DueAt), Exists("due_at")),
                Index("outbox", keys.Ascending(run => run.UpdatedAt), HasOutbox),
                Index("recent_events", keys.Ascending(run => run.LatestEventAt), HasRecentEvents),
            ],
            cancellationToken);

        CreateIndexModel<Run> List(string selector) => Index(
            selector, keys.Ascending(run => run.Tenant).Ascending(selector).Descending(run => run.CreatedAt).Descending(run => run.Id), Exists(selector));
    }

    private static CreateIndexModel<Run> Index(string name, IndexKeysDefinition<Run> keys, FilterDefinition<Run> partial) =>
        new(keys, new CreateIndexOptions<Run> { Name = name, PartialFilterExpression = partial });

    private static BsonDocument Exists(string field) => new(field, new BsonDocument("$exists", true));
}
