using System.Net.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>Registers the production store, MongoDB.</summary>
public static class MongoServiceCollectionExtensions
{
    /// <summary>
    /// Stores runs in MongoDB, in the database that <paramref name="connection"/> names, or <c>runs</c>. All other
    /// options of the connection string apply, except those that the guarantees of the store depend on: writes are
    /// confirmed by a majority and journaled, and reads use the primary.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="connection">The connection string of MongoDB.</param>
    /// <param name="validateServerCertificate">
    /// Verifies the server's certificate; null to trust the authorities that the system trusts.
    /// </param>
    /// <param name="getTenantShare">
    /// Returns the fraction that one tenant may use of the events that wait for archiving, above 0 and at most 1; null
    /// for one half.
    /// </param>
    public static IServiceCollection AddMongoRunStore(
        this IServiceCollection services,
        MongoConnectionString connection,
        RemoteCertificateValidationCallback? validateServerCertificate = null,
        Func<IServiceProvider, double>? getTenantShare = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return services
            .AddSingleton<IMongoClient>(_ => new MongoClient(connection.ToSettings(validateServerCertificate)))
            .AddSingleton(provider => provider.GetRequiredService<IMongoClient>().GetDatabase(connection.DatabaseName))
            .AddSingleton(provider => MongoExceptionTranslator.Create(
                provider.GetRequiredService<IMongoDatabase>(),
                provider.GetRequiredService<StoreAvailability>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<MongoExceptionTranslator>>()))
            .AddSingleton(provider => new ArchiveQueue(
                provider.GetRequiredService<TimeProvider>(), tenantShare: getTenantShare?.Invoke(provider) ?? 0.5))
            .AddSingleton<MongoRunStore>()
            .AddSingleton(provider => MeasuredRunStore.Decorate(
                new ExceptionTranslatingRunStore(
                    provider.GetRequiredService<MongoRunStore>(), provider.GetRequiredService<MongoExceptionTranslator>()),
                provider))
            .AddSingleton<IApiKeyStore>(provider => new ExceptionTranslatingApiKeyStore(
                new MongoApiKeyStore(provider.GetRequiredService<IMongoDatabase>()),
                provider.GetRequiredService<MongoExceptionTranslator>()))
            .AddSingleton<IWorkerStore>(provider => new ExceptionTranslatingWorkerStore(
                new MongoWorkerStore(provider.GetRequiredService<IMongoDatabase>()),
                provider.GetRequiredService<MongoExceptionTranslator>()))
            .AddSingleton<IScheduleStore>(provider => new ExceptionTranslatingScheduleStore(
                new MongoScheduleStore(provider.GetRequiredService<IMongoDatabase>()),
                provider.GetRequiredService<MongoExceptionTranslator>()))
            .AddHostedService<EventArchiver>()
            .AddStoreAvailability();
    }

    internal static IMongoDatabase GetDatabase(IMongoClient client, string connectionString) =>
        client.GetDatabase(MongoConnectionString.Parse(connectionString).DatabaseName);

    internal static MongoClientSettings CreateSettings(string connectionString) =>
        MongoConnectionString.Parse(connectionString).ToSettings();
}
