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

    /// <summary>The order of the two sweeps. It has nothing to do with time, so that no clock decides what they find.</summary>
    public static SortDefinition<Run> Sweep => Builders<Run>.Sort.Ascending(run => run.Tenant).Ascending(run => run.Id);

    /// <summary>What comes after a run in the order of <see cref="Sweep"/>; everything, without one.</summary>
    public static FilterDefinition<Run> After(string? tenant, Guid? id)
    {
        var where = Builders<Run>.Filter;
        return tenant is null
            ? where.Empty
            : where.Gte(run => run.Tenant, tenant) & (where.Gt(run => run.Tenant, tenant) | where.Gt(run => run.Id, id!.Value));
    }

    /// <summary>Without these, timers, sweeps and the cancellation of trees would read the whole collection.</summary>
    public static IReadOnlyList<CreateIndexModel<Run>> Necessary
    {
        get
        {
            var keys = Builders<Run>.IndexKeys;
            return
            [
                List("parent_run_id"),
                Index("due_in_order", keys.Ascending(run => run.DueAt).Ascending(run => run.Id).Ascending(run => run.Tenant), Exists("due_at")),
                Index("outbox_by_tenant", keys.Ascending(run => run.Tenant).Ascending(run => run.Id), HasOutbox),
                Index("recent_events_by_tenant", keys.Ascending(run => run.Tenant).Ascending(run => run.Id), HasRecentEvents),
            ];
        }
    }

    /// <summary>Without these, only lists would be slow.</summary>
    public static IReadOnlyList<CreateIndexModel<Run>> OfLists => [List("project_id"), List("conversation_id"), List("trigger.conversation_id")];

    /// <summary>Makes those that are not there yet; the collection comes with the first.</summary>
    public static Task Create(IMongoCollection<Run> runs, IReadOnlyList<CreateIndexModel<Run>> indexes, CancellationToken cancellationToken) =>
        Create(runs.Indexes, indexes, cancellationToken);

    /// <summary>Makes indexes, confirmed by a majority: one member that is down does not hold up the others, as the server's default would.</summary>
    public static async Task Create<T>(
        IMongoIndexManager<T> manager, IReadOnlyList<CreateIndexModel<T>> indexes, CancellationToken cancellationToken)
    {
        try
        {
            await manager.CreateManyAsync(indexes, new CreateManyIndexesOptions { CommitQuorum = CreateIndexCommitQuorum.Majority }, cancellationToken);
        }
        catch (MongoCommandException refusal) when (refusal.Code is MongoErrorCodes.BadValue or MongoErrorCodes.UnknownField or MongoErrorCodes.FailedToParse)
        {
            await manager.CreateManyAsync(indexes, cancellationToken); // a server without a replica set, and some others, refuse the option
        }
    }

    private static CreateIndexModel<Run> List(string selector)
    {
        var keys = Builders<Run>.IndexKeys;
        return Index(
            selector, keys.Ascending(run => run.Tenant).Ascending(selector).Descending(run => run.CreatedAt).Descending(run => run.Id), Exists(selector));
    }

    // An index that is changed gets a new name: under the old one the server refuses it for ever, and processes of both versions run side by side. The old one is left to
    // the operator or to a later version.
    private static CreateIndexModel<Run> Index(string name, IndexKeysDefinition<Run> keys, FilterDefinition<Run> partial) =>
        new(keys, new CreateIndexOptions<Run> { Name = name, PartialFilterExpression = partial });

    private static BsonDocument Exists(string field) => new(field, new BsonDocument("$exists", true));
}
