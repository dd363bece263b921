using System.Net.Security;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Adds the production store to a host.</summary>
public static class MongoRegistration
{
    /// <summary>
    /// Keeps runs in MongoDB. The database is the one that <paramref name="connection"/> names, or <c>runs</c>; whatever else it says is kept,
    /// but for what the store's promises need: writes are confirmed by a majority and journaled, reads go to the primary.
    /// </summary>
    /// <param name="services">The host's.</param>
    /// <param name="connection">Where MongoDB is.</param>
    /// <param name="verify">Verifies the server's certificate; null to trust what the system trusts.</param>
    public static IServiceCollection AddMongoRunStore(
        this IServiceCollection services, MongoConnectionString connection, RemoteCertificateValidationCallback? verify = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return services
            .AddSingleton<IMongoClient>(_ => new MongoClient(connection.ToSettings(verify)))
            .AddSingleton(provider => provider.GetRequiredService<IMongoClient>().GetDatabase(connection.DatabaseName))
            .AddSingleton<MongoRunStore>()
            .AddSingleton<IRunStore>(provider => provider.GetRequiredService<MongoRunStore>())
            .AddSingleton<IApiKeyStore, MongoApiKeyStore>()
            .AddHostedService<EventMover>()
            .AddStoreAvailability();
    }

    internal static IMongoDatabase Database(IMongoClient client, string connectionString) =>
        client.GetDatabase(MongoConnectionString.Parse(connectionString).DatabaseName);

    internal static MongoClientSettings Settings(string connectionString) => MongoConnectionString.Parse(connectionString).ToSettings();
}
