using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>API keys in the collection <c>api_keys</c>, by prefix. Reads go to the primary and see what a majority has. For some seconds after a change of primary they may miss a revocation.</summary>
internal sealed class MongoApiKeyStore(
    IMongoDatabase database, StoreAvailability availability, TimeProvider clock, ILogger<MongoApiKeyStore> logger) : IApiKeyStore
{
    private readonly MongoTrouble _trouble = new(availability, clock, logger, failure => MongoConnectionAdvice.ForFailure(failure, database));

    private readonly IMongoCollection<ApiKeyRecord> _keys = RunDocument.ApiKeys(database)
        .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10)))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken)
    {
        return _trouble.Told(Insert());

        async Task<bool> Insert()
        {
            try
            {
                await _keys.InsertOneAsync(key, options: null, cancellationToken);
                return true;
            }
            catch (MongoWriteException taken) when (taken.WriteError?.Category == ServerErrorCategory.DuplicateKey && taken.WriteConcernError is null)
            {
                return false;
            }
        }
    }

    public async Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) =>
        await _trouble.Told(_keys
            .Find(Builders<ApiKeyRecord>.Filter.In(key => key.Prefix, prefixes), new FindOptions { BatchSize = prefixes.Count + 1 })
            .ToListAsync(cancellationToken));

    public async Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) =>
        await _trouble.Told(_keys
            .Find(tenant is null ? Builders<ApiKeyRecord>.Filter.Empty : Builders<ApiKeyRecord>.Filter.Eq(key => key.Tenant, tenant))
            .Sort(Builders<ApiKeyRecord>.Sort.Ascending(key => key.CreatedAt).Ascending(key => key.Prefix))
            .ToListAsync(cancellationToken));

    // Min takes a time that is not there yet for larger than any.
    public async Task<bool> End(string prefix, DateTimeOffset time, CancellationToken cancellationToken) =>
        (await _trouble.Told(_keys.UpdateOneAsync(
            key => key.Prefix == prefix, Builders<ApiKeyRecord>.Update.Min(key => key.NotAfter, time), options: null, cancellationToken))).MatchedCount == 1;
}
