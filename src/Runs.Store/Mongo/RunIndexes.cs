using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// The indexes of <c>runs</c> besides <c>_id</c>: one for each list, one for the cancellation of trees, one for the
/// timers, one for the runs of schedules, two for the sweeps of the outbox and of embedded events, two for the runs
/// that are ready, and one for those that a worker holds. Each is partial and contains only the runs that it is needed
/// for, so most writes update few of them.
/// </summary>
internal static class RunIndexes
{
    /// <summary>
    /// Matches runs whose outbox is not empty. It tests for an element, not for the list: clearing pulls elements and
    /// may leave an empty list, which this filter does not match and which is therefore not in the index either.
    /// </summary>
    public static readonly BsonDocument HasOutbox = Exists("outbox.message_id");

    /// <summary>Matches runs with events that are not archived yet.</summary>
    public static readonly BsonDocument HasEmbeddedEvents = Exists("embedded_events.event_id");

    /// <summary>
    /// The order of the two sweeps. It does not depend on time, so that no clock influences what they find.
    /// </summary>
    public static SortDefinition<Run> SweepOrder => Builders<Run>.Sort.Ascending(run => run.Tenant).Ascending(run => run.Id);

    /// <summary>
    /// Matches the runs after this position in <see cref="SweepOrder"/>; all runs when it is null.
    /// </summary>
    public static FilterDefinition<Run> After((string Tenant, Guid Id)? position)
    {
        var builder = Builders<Run>.Filter;
        return position is var (tenant, id)
            ? builder.Gte(run => run.Tenant, tenant) & (builder.Gt(run => run.Tenant, tenant) | builder.Gt(run => run.Id, id))
            : builder.Empty;
    }

    /// <summary>
    /// The indexes without which timers, sweeps, claims and the cancellation of trees would scan the whole collection.
    /// </summary>
    public static IReadOnlyList<CreateIndexModel<Run>> Required
    {
        get
        {
            var keys = Builders<Run>.IndexKeys;
            return
            [
                ListIndex("parent_run_id"),
                PartialIndex(
                    "descendants_of_root",
                    keys.Ascending(run => run.Tenant)
                        .Ascending(run => run.RootRunId)
                        .Ascending(run => run.CreatedAt)
                        .Ascending(run => run.Id),
                    Exists("parent_run_id")),
                PartialIndex(
                    "due_in_order",
                    keys.Ascending(run => run.DueAt).Ascending(run => run.Id).Ascending(run => run.Tenant),
                    Exists("due_at")),
                PartialIndex(
                    "outbox_by_tenant",
                    keys.Ascending(run => run.Tenant).Ascending(run => run.Id),
                    HasOutbox),
                PartialIndex(
                    "embedded_events_by_tenant",
                    keys.Ascending(run => run.Tenant).Ascending(run => run.Id),
                    HasEmbeddedEvents),
                ClaimIndex("claim", "claim_pool"),
                ClaimIndex("claim_kind", "claim_kind_pool"),
                PartialIndex(
                    "lease_owner",
                    keys.Ascending(run => run.Tenant).Ascending(run => run.LeaseOwner).Ascending(run => run.LeaseInstance),
                    Exists("lease_owner")),
                PartialIndex(
                    "schedule_id",
                    keys.Ascending(run => run.Tenant)
                        .Ascending(run => run.ScheduleId)
                        .Ascending(run => run.Status)
                        .Descending(run => run.CreatedAt)
                        .Descending(run => run.Id),
                    Exists("schedule_id")),
            ];
        }
    }

    /// <summary>The indexes without which only lists would be slow.</summary>
    public static IReadOnlyList<CreateIndexModel<Run>> ForLists =>
        [ListIndex("project_id"), ListIndex("conversation_id"), ListIndex("trigger.conversation_id")];

    /// <summary>
    /// Creates the missing indexes with a commit quorum of a majority: with the server's default, one member that is
    /// down would block the index build. Creating the first index also creates the collection.
    /// </summary>
    public static async Task Create<T>(
        IMongoCollection<T> collection, IReadOnlyList<CreateIndexModel<T>> indexes, CancellationToken cancellationToken)
    {
        var options = new CreateManyIndexesOptions { CommitQuorum = CreateIndexCommitQuorum.Majority };
        try
        {
            await collection.Indexes.CreateManyAsync(indexes, options, cancellationToken);
        }
        catch (MongoCommandException exception)
            when (exception.Code is MongoErrorCodes.BadValue or MongoErrorCodes.UnknownField or MongoErrorCodes.FailedToParse)
        {
            // A server without a replica set, and some others, reject the option.
            await collection.Indexes.CreateManyAsync(indexes, cancellationToken);
        }
    }

    private static CreateIndexModel<Run> ListIndex(string selector)
    {
        var keys = Builders<Run>.IndexKeys;
        return PartialIndex(
            selector,
            keys.Ascending(run => run.Tenant).Ascending(selector).Descending(run => run.CreatedAt).Descending(run => run.Id),
            Exists(selector));
    }

    private static CreateIndexModel<Run> ClaimIndex(string name, string pool)
    {
        var keys = Builders<Run>.IndexKeys;
        return PartialIndex(
            name,
            keys.Ascending(run => run.Tenant).Ascending(pool).Ascending(run => run.ClaimRank).Ascending(run => run.RunId),
            Exists(pool));
    }

    // A changed index needs a new name: the server always rejects a different definition under the old name, and
    // processes of both versions run side by side. The operator or a later version drops the old index.
    private static CreateIndexModel<Run> PartialIndex(string name, IndexKeysDefinition<Run> keys, FilterDefinition<Run> filter) =>
        new(keys, new CreateIndexOptions<Run> { Name = name, PartialFilterExpression = filter });

    private static BsonDocument Exists(string field) => new(field, new BsonDocument("$exists", true));
}
