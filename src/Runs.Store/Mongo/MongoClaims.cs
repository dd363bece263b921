using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>The runs that may be claimed, and the leases of those that were.</summary>
internal sealed class MongoClaims(IMongoCollection<Run> runs)
{
    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };

    private static readonly ProjectionDefinition<Run> LeaseFields = Builders<Run>.Projection
        .Include(run => run.Tenant)
        .Include(run => run.RunId)
        .Include(run => run.ProjectId)
        .Include(run => run.Status)
        .Include(run => run.Phase)
        .Include(run => run.Version)
        .Include(run => run.Attempt)
        .Include(run => run.LeaseOwner)
        .Include(run => run.LeaseInstance)
        .Include(run => run.LeaseExpiresAt)
        .Include(run => run.LeaseFenced)
        .Include(run => run.TimeoutAt)
        .Include(run => run.WaitExpiresAt)
        .Include(run => run.UpdatedAt);

    // Candidates are a hint, so the primary need not wait for a majority.
    private readonly IMongoCollection<Run> _localRuns = runs.WithReadConcern(ReadConcern.Local);

    /// <inheritdoc cref="IRunStore.ListClaimable"/>
    public async Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument { { "tenant", tenant }, { pool.IsOfKind ? "claim_kind_pool" : "claim_pool", Present(pool.Name) } };
        var documents = await _localRuns
            .Find(filter, new FindOptions { BatchSize = limit + 1 })
            .Sort(new BsonDocument { { "claim_rank", 1 }, { "run_id", 1 } })
            .Limit(limit)
            .Project<BsonDocument>(new BsonDocument { { "_id", 0 }, { "run_id", 1 }, { "claim_rank", 1 } })
            .ToListAsync(cancellationToken);
        return documents.ConvertAll(ReadCandidate);
    }

    /// <inheritdoc cref="IRunStore.FindReadyPool"/>
    public async Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken)
    {
        if (after is null)
        {
            return await FindFirst(new BsonDocument("claim_pool", new BsonDocument("$exists", true)));
        }

        // Two conditions, because a query planner may scan the whole index for their alternative.
        var next = new BsonDocument { { "tenant", after.Tenant }, { "claim_pool", After(after.Name) } };
        var nextTenant = new BsonDocument
        {
            { "tenant", new BsonDocument("$gt", after.Tenant) },
            { "claim_pool", new BsonDocument("$exists", true) },
        };
        return await FindFirst(next) ?? await FindFirst(nextTenant);

        static BsonDocument After(string value) => new() { { "$gt", value }, { "$exists", true } };

        async Task<ReadyPool?> FindFirst(BsonDocument filter)
        {
            var document = await _localRuns
                .Find(filter)
                .Sort(new BsonDocument { { "tenant", 1 }, { "claim_pool", 1 }, { "claim_rank", 1 }, { "run_id", 1 } })
                .Limit(1)
                .Project<BsonDocument>(
                    new BsonDocument { { "_id", 0 }, { "tenant", 1 }, { "claim_pool", 1 }, { "run_id", 1 }, { "claim_rank", 1 } })
                .FirstOrDefaultAsync(cancellationToken);
            return document is null
                ? null
                : new ReadyPool(document["tenant"].AsString, document["claim_pool"].AsString, ReadCandidate(document));
        }
    }

    /// <inheritdoc cref="IRunStore.ReadLeases"/>
    public async Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => await runs
        .Find(MongoFilters.ByIds(ids), new FindOptions { BatchSize = ids.Count + 1 })
        .Project<Run>(LeaseFields)
        .ToListAsync(cancellationToken);

    /// <inheritdoc cref="IRunStore.ListLeases"/>
    public async Task<IReadOnlyList<Run>> ListLeases(
        string tenant, string owner, string instance, int limit, CancellationToken cancellationToken) => await runs
        .Find(
            new BsonDocument { { "tenant", tenant }, { "lease_owner", Present(owner) }, { "lease_instance", instance } },
            new FindOptions { BatchSize = limit + 1 })
        .Limit(limit)
        .Project<Run>(LeaseFields)
        .ToListAsync(cancellationToken);

    /// <inheritdoc cref="IRunStore.RenewLeases"/>
    public async Task<IReadOnlySet<Guid>> Renew(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken)
    {
        if (renewals.Count == 0)
        {
            return new HashSet<Guid>();
        }

        var updates = renewals.OrderBy(renewal => renewal.Id).Select(renewal => new UpdateOneModel<Run>(
            MongoFilters.ByVersion(renewal.Id, renewal.Version), CreateUpdate(renewal)));
        var result = await runs.BulkWriteAsync(updates, Unordered, cancellationToken);
        return result.MatchedCount == renewals.Count
            ? renewals.Select(renewal => renewal.Id).ToHashSet()
            : await FindRenewed(renewals, cancellationToken);
    }

    /// <inheritdoc cref="IRunStore.TrySetSession"/>
    public async Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken)
    {
        var update = new BsonDocument
        {
            { "$set", new BsonDocument("worker_session", session.ToBsonDocument()) },
            { "$inc", new BsonDocument("renewals", 1L) },
        };
        var unchanged = MongoFilters.ByVersion(run.Id, run.Version).WithRenewals(run);
        var result = await runs.UpdateOneAsync(unchanged, update, options: null, cancellationToken);
        return result.MatchedCount == 1;
    }

    private static ClaimCandidate ReadCandidate(BsonDocument document) =>
        new(document["run_id"].AsString, new DateTimeOffset(document["claim_rank"].ToUniversalTime()));

    // The exists condition is redundant, but some query planners need it to select the partial index.
    private static BsonDocument Present(string value) => new() { { "$eq", value }, { "$exists", true } };

    private static BsonDocument CreateUpdate(LeaseRenewal renewal) => new()
    {
        {
            "$set", new BsonDocument
            {
                { "lease_expires_at", renewal.ExpiresAt.UtcDateTime },
                { "due_at", renewal.DueAt.UtcDateTime },
            }
        },
        { "$inc", new BsonDocument("renewals", 1L) },
    };

    // The server returns only how many updates have matched.
    private async Task<IReadOnlySet<Guid>> FindRenewed(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken)
    {
        var leases = (await ReadLeases([.. renewals.Select(renewal => renewal.Id)], cancellationToken)).ToDictionary(run => run.Id);
        return renewals
            .Where(renewal => leases.TryGetValue(renewal.Id, out var run)
                && run.Version == renewal.Version && run.LeaseExpiresAt == renewal.ExpiresAt)
            .Select(renewal => renewal.Id)
            .ToHashSet();
    }
}
