using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

/// <summary>The database features that Runs needs, tested with the driver on MongoDB and on its substitute.</summary>
[Collection(nameof(FaultyContainers))]
public abstract class MongoEngineTests : IDisposable
{
    private readonly MongoClient _client;

    protected MongoEngineTests(ContainerFixture containers)
    {
        var url = new MongoUrl(containers.NewDatabase());
        _client = new MongoClient(url);
        Database = _client.GetDatabase(url.DatabaseName);
        Runs = Database.GetCollection<BsonDocument>("runs").WithWriteConcern(WriteConcern.WMajority.With(journal: true));
    }

    protected IMongoClient Client => _client;

    protected IMongoDatabase Database { get; }

    protected IMongoCollection<BsonDocument> Runs { get; }

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static BsonDocument Run(int id) => new() { { "_id", id }, { "status", "pending" }, { "version", 1 } };

    protected static BsonDocument Run(int id, string status) => Run(id).Set("status", status);

    protected static FilterDefinition<BsonDocument> ById(int id) => Builders<BsonDocument>.Filter.Eq("_id", id);
}
