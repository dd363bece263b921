using Microsoft.Extensions.DependencyInjection;

namespace Runs.Store.Sqlite;

/// <summary>Adds the embedded store to a host.</summary>
public static class SqliteRegistration
{
    /// <summary>
    /// Keeps runs in the SQLite database <paramref name="file"/>, which is made with its directory when it is not there. Several processes on one
    /// machine may share it; a network file system will not do.
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
