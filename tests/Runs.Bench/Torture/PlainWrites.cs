using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Bench.Torture;

/// <summary>Writes to the store past the service and past the proxies, as durably as the service does: shows what a disk does to a write.</summary>
internal sealed class PlainWrites : IDisposable
{
    private readonly MongoClient _client;
    private readonly IMongoCollection<BsonDocument> _collection;

    public PlainWrites(string url)
    {
        var settings = MongoClientSettings.FromConnectionString(url);
        (settings.ServerSelectionTimeout, settings.SocketTimeout, settings.RetryWrites) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), false);
        _client = new MongoClient(settings);
        _collection = _client.GetDatabase("torture").GetCollection<BsonDocument>("writes").WithWriteConcern(WriteConcern.WMajority.With(journal: true));
    }

    /// <summary>Inserts one document that does not compress.</summary>
    /// <returns>How long that took; null when the store refused it, or gave no answer.</returns>
    public async Task<TimeSpan?> Write(int bytes)
    {
        var document = new BsonDocument("bytes", new byte[bytes]);
        Random.Shared.NextBytes(document["bytes"].AsByteArray);
        var start = Watch.Seconds;
        try
        {
            await _collection.InsertOneAsync(document);
            return TimeSpan.FromSeconds(Watch.Seconds - start);
        }
        catch (Exception refused) when (refused is MongoException or TimeoutException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
