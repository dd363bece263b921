using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.FaultInjection.Faults;

/// <summary>Writes to the store past the service and past the proxies, as durably as the service does: shows what a disk does to a write.</summary>
internal sealed class DirectStoreWriter : IDisposable
{
    private readonly MongoClient _client;
    private readonly IMongoCollection<BsonDocument> _collection;

    public DirectStoreWriter(string url)
    {
        var settings = MongoClientSettings.FromConnectionString(url);
        (settings.ServerSelectionTimeout, settings.SocketTimeout, settings.RetryWrites) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), false);
        _client = new MongoClient(settings);
        _collection = _client.GetDatabase("torture").GetCollection<BsonDocument>("writes").WithWriteConcern(WriteConcern.WMajority.With(journal: true));
    }

    /// <summary>Inserts one document that does not compress.</summary>
    /// <returns>How long that took; null when the store refused it, or gave no answer.</returns>
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
        catch (Exception refused) when (refused is MongoException or TimeoutException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
