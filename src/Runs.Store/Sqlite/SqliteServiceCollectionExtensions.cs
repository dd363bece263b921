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
            .AddSingleton(_ => new SqliteDatabase(file))
            .AddSingleton(provider => new SqliteExceptionTranslator(file, provider.GetRequiredService<StoreAvailability>()))
            .AddSingleton(provider => MeasuredRunStore.Decorate(
                new ExceptionTranslatingRunStore(
                    new SqliteRunStore(provider.GetRequiredService<SqliteDatabase>()),
                    provider.GetRequiredService<SqliteExceptionTranslator>()),
                provider))
            .AddSingleton<IApiKeyStore>(provider => new ExceptionTranslatingApiKeyStore(
                new SqliteApiKeyStore(provider.GetRequiredService<SqliteDatabase>()),
                provider.GetRequiredService<SqliteExceptionTranslator>()))
            .AddSingleton<IWorkerStore>(provider => new ExceptionTranslatingWorkerStore(
                new SqliteWorkerStore(provider.GetRequiredService<SqliteDatabase>()),
                provider.GetRequiredService<SqliteExceptionTranslator>()))
            .AddSingleton<IScheduleStore>(provider => new ExceptionTranslatingScheduleStore(
                new SqliteScheduleStore(provider.GetRequiredService<SqliteDatabase>()),
                provider.GetRequiredService<SqliteExceptionTranslator>()))
            .AddStoreAvailability();
    }
}
