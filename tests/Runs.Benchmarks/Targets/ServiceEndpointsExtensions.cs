using MongoDB.Driver;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Targets;

internal static class ServiceEndpointsExtensions
{
    /// <summary>Opens a database of the store.</summary>
    public static IMongoDatabase GetDatabase(this ServiceEndpoints services, string name) =>
        new MongoClient(services.StoreUrl(name)).GetDatabase(name);
}
