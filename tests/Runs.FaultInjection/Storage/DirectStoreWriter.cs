using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.FaultInjection.Storage;

/// <summary>
/// Writes to the store without the service and the proxies, with the same durability: shows the effect of a disk on a
/// write.
/// </summary>
internal sealed class DirectStoreWriter : IDisposable
{
    private readonly MongoClient _client;
    private readonly IMongoCollection<BsonDocument> _collection;

    public DirectStoreWriter(string url)
    {
        var settings = MongoClientSettings.FromConnectionString(url);
        settings.ServerSelectionTimeout = TimeSpan.FromSeconds(2);
        settings.SocketTimeout = TimeSpan.FromSeconds(5);
        settings.RetryWrites = false;
        _client = new MongoClient(settings);
        _collection = _client
            .GetDatabase("torture")
            .GetCollection<BsonDocument>("writes")
            .WithWriteConcern(WriteConcern.WMajority.With(journal: true));
    }

    /// <summary>Inserts one document that does not compress.</summary>
    /// <returns>How long that took; null when the write failed or had no response.</returns>
    public async Task<TimeSpan?> TryWrite(int bytes)
    {
        var document = new BsonDocument("bytes", new byte[bytes]);
        Random.Shared.NextBytes(document["bytes"].AsByteArray);
        var start = Clock.ElapsedSeconds;
        try
        {
            await _collection.InsertOneAsync(document);
            return TimeSpan.FromSeconds(Clock.ElapsedSeconds - start);
        }
        catch (Exception exception) when (exception is MongoException or TimeoutException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
