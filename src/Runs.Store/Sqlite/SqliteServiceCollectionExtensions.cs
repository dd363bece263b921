using Microsoft.Extensions.DependencyInjection;

namespace Runs.Store.Sqlite;

/// <summary>Registers the embedded store, SQLite.</summary>
public static class SqliteServiceCollectionExtensions
{
    /// <summary>
    /// Stores runs in the SQLite database <paramref name="file"/>. The file and its directory are created if they do
    /// not exist. Several processes on one machine may share the file; network file systems are not supported.
    /// </summary>
    public static IServiceCollection AddSqliteRunStore(this IServiceCollection services, string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return services
            .AddSingleton<IRunStore>(provider => new SqliteRunStore(file, provider.GetRequiredService<StoreAvailability>()))
            .AddSingleton<IApiKeyStore>(_ => new SqliteApiKeyStore(file))
            .AddStoreAvailability();
    }
}
