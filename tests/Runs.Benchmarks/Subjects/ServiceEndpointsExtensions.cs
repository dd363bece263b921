using MongoDB.Driver;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Subjects;

internal static class ServiceEndpointsExtensions
{
    // The driver's default is to wait without a limit. A count of a million runs takes seconds.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Opens a database of the store.</summary>
    public static IMongoDatabase GetDatabase(this ServiceEndpoints services, string name)
    {
        var settings = MongoClientSettings.FromConnectionString(services.StoreUrl(name));
        settings.SocketTimeout = ResponseTimeout;
        return new MongoClient(settings).GetDatabase(name);
    }
}
