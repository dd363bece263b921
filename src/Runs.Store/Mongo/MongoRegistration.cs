using Microsoft.Extensions.DependencyInjection;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Adds the production store to a host.</summary>
public static class MongoRegistration
{
    /// <summary>
    /// Keeps runs in MongoDB. The database is the one that <paramref name="connectionString"/> names, or <c>runs</c>; whatever else it says is kept,
    /// but for what the store's promises need: writes are confirmed by a majority and journaled, reads go to the primary.
    /// </summary>
    public static IServiceCollection AddMongoRunStore(this IServiceCollection services, string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        return services
            .AddSingleton<IMongoClient>(_ => new MongoClient(Settings(connectionString)))
            .AddSingleton(provider => Database(provider.GetRequiredService<IMongoClient>(), connectionString))
            .AddSingleton<MongoRunStore>()
            .AddSingleton<IRunStore>(provider => provider.GetRequiredService<MongoRunStore>())
            .AddSingleton<IApiKeyStore, MongoApiKeyStore>()
            .AddHostedService<EventMover>()
            .AddStoreAvailability();
    }

    internal static IMongoDatabase Database(IMongoClient client, string connectionString) =>
        client.GetDatabase(MongoUrl.Create(connectionString).DatabaseName ?? "runs");

    /// <summary>
    /// The driver's defaults wait half a minute for a server and for ever for an answer. A caller of this service waits seconds, so trouble is told
    /// while somebody still listens. What the connection string sets itself stands.
    /// </summary>
    internal static MongoClientSettings Settings(string connectionString)
    {
        var settings = MongoClientSettings.FromConnectionString(connectionString);
        var seconds = TimeSpan.FromSeconds(1);
        if (!Sets("serverSelectionTimeout"))
        {
            settings.ServerSelectionTimeout = 5 * seconds;
        }

        if (!Sets("connectTimeout"))
        {
            settings.ConnectTimeout = 5 * seconds;
        }

        if (!Sets("socketTimeout"))
        {
            settings.SocketTimeout = 30 * seconds;
        }

        if (!Sets("appName"))
        {
            settings.ApplicationName = "runs";
        }

        return settings;

        bool Sets(string option) => connectionString.Contains(option, StringComparison.OrdinalIgnoreCase);
    }
}
