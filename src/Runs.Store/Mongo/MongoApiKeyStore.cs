using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Stores API keys in the collection <c>api_keys</c>, with the prefix as the key. Reads use the primary with majority
/// read concern. For some seconds after a failover to another primary they may miss a revocation.
/// </summary>
internal sealed class MongoApiKeyStore(
    IMongoDatabase database, StoreAvailability availability, TimeProvider clock, ILogger<MongoApiKeyStore> logger) : IApiKeyStore
{
    private readonly MongoExceptionTranslator _exceptionTranslator = new(availability, clock, logger, failure => MongoConnectionAdvice.ForFailure(failure, database));

    private readonly IMongoCollection<ApiKeyRecord> _keys = RunClassMaps.GetApiKeyCollection(database)
        .WithWriteConcern(WriteConcern.WMajority.With(journal: true, wTimeout: TimeSpan.FromSeconds(10)))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken)
    {
        return _exceptionTranslator.Translate(Insert());

        async Task<bool> Insert()
        {
            try
            {
                await _keys.InsertOneAsync(key, options: null, cancellationToken);
                return true;
            }
            catch (MongoWriteException exception)
                when (exception.WriteError?.Category == ServerErrorCategory.DuplicateKey && exception.WriteConcernError is null)
            {
                return false;
            }
        }
    }

    public async Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_keys
            .Find(Builders<ApiKeyRecord>.Filter.In(key => key.Prefix, prefixes), new FindOptions { BatchSize = prefixes.Count + 1 })
            .ToListAsync(cancellationToken));

    public async Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) =>
        await _exceptionTranslator.Translate(_keys
            .Find(tenant is null ? Builders<ApiKeyRecord>.Filter.Empty : Builders<ApiKeyRecord>.Filter.Eq(key => key.Tenant, tenant))
            .Sort(Builders<ApiKeyRecord>.Sort.Ascending(key => key.CreatedAt).Ascending(key => key.Prefix))
            .ToListAsync(cancellationToken));

    // $min sets the field if it does not exist yet.
    public async Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) =>
        (await _exceptionTranslator.Translate(_keys.UpdateOneAsync(
            key => key.Prefix == prefix, Builders<ApiKeyRecord>.Update.Min(key => key.NotAfter, time), options: null, cancellationToken))).MatchedCount == 1;
}
