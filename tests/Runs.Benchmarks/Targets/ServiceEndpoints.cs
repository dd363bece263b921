using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets;

/// <summary>Where the broker and the store are, on 127.0.0.1.</summary>
/// <param name="BrokerPort">RabbitMQ's.</param>
/// <param name="StorePort">MongoDB's.</param>
/// <param name="VirtualHost">Servers of one virtual host share their queues.</param>
internal sealed record ServiceEndpoints(int BrokerPort, int StorePort, string VirtualHost = "")
{
    public string BrokerUrl => $"amqp://guest:guest@127.0.0.1:{BrokerPort}/{VirtualHost}";

    public IMongoDatabase GetDatabase(string name) => new MongoClient(StoreUrl(name)).GetDatabase(name);

    public string StoreUrl(string database) => $"mongodb://127.0.0.1:{StorePort}/{database}?directConnection=true";
}
