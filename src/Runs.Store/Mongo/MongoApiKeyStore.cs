using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>
/// Stores API keys in the collection <c>api_keys</c>, with the prefix as the key. Reads use the primary with majority
/// read concern. For some seconds after a failover to another primary they may miss a revocation.
/// </summary>
/// <remarks>Throws the driver's exceptions: see <see cref="ExceptionTranslatingApiKeyStore"/>.</remarks>
internal sealed class MongoApiKeyStore(IMongoDatabase database) : IApiKeyStore
{
    private readonly IMongoCollection<ApiKeyRecord> _keys = MongoCollections.GetApiKeys(database);

    public async Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken)
    {
        try
        {
            await _keys.InsertOneAsync(key, options: null, cancellationToken);
            return true;
        }
        catch (MongoWriteException exception) when (MongoExceptions.IsDuplicateKey(exception))
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<ApiKeyRecord>> Find(
        IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) => await _keys
        .Find(Builders<ApiKeyRecord>.Filter.In(key => key.Prefix, prefixes), new FindOptions { BatchSize = prefixes.Count + 1 })
        .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => await _keys
        .Find(tenant is null ? Builders<ApiKeyRecord>.Filter.Empty : Builders<ApiKeyRecord>.Filter.Eq(key => key.Tenant, tenant))
        .Sort(Builders<ApiKeyRecord>.Sort.Ascending(key => key.CreatedAt).Ascending(key => key.Prefix))
        .ToListAsync(cancellationToken);

    public async Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var result = await _keys.UpdateOneAsync(
            key => key.Prefix == prefix,
            Builders<ApiKeyRecord>.Update.Min(key => key.NotAfter, time), // also sets a field that does not exist yet
            options: null,
            cancellationToken);
        return result.MatchedCount == 1;
    }
}
