using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// Stores API keys in the table <c>api_keys</c> of the runs' database file. Another process, the command line, may
/// write while a server reads.
/// </summary>
internal sealed class SqliteApiKeyStore(string file) : IApiKeyStore
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString();

    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => Execute(
        "INSERT INTO api_keys (prefix, tenant, created_at, not_after, document) VALUES ($prefix, $tenant, $created_at, $not_after, $document) "
        + "ON CONFLICT (prefix) DO NOTHING",
        command => command.ExecuteNonQuery() == 1,
        cancellationToken,
        ("$prefix", key.Prefix), ("$tenant", key.Tenant), ("$created_at", key.CreatedAt.ToUnixTimeMilliseconds()),
        ("$not_after", key.NotAfter?.ToUnixTimeMilliseconds()), ("$document", JsonSerializer.Serialize(key, SqliteRunRow.JsonOptions)));

    public Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) => Execute(
        "SELECT document, not_after FROM api_keys WHERE prefix IN (SELECT value FROM json_each($prefixes))",
        ReadKeys, cancellationToken, ("$prefixes", JsonSerializer.Serialize(prefixes)));

    public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => Execute(
        "SELECT document, not_after FROM api_keys WHERE tenant = $tenant OR $tenant IS NULL ORDER BY created_at, prefix",
        ReadKeys, cancellationToken, ("$tenant", tenant));

    public Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) => Execute(
        "UPDATE api_keys SET not_after = min(coalesce(not_after, $time), $time) WHERE prefix = $prefix",
        command => command.ExecuteNonQuery() == 1, cancellationToken, ("$prefix", prefix), ("$time", time.ToUnixTimeMilliseconds()));

    private static IReadOnlyList<ApiKeyRecord> ReadKeys(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        var keys = new List<ApiKeyRecord>();
        while (reader.Read())
        {
            var key = JsonSerializer.Deserialize<ApiKeyRecord>(reader.GetString(0), SqliteRunRow.JsonOptions)!;
            keys.Add(key with { NotAfter = reader.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)) });
        }

        return keys;
    }

    private Task<T> Execute<T>(
        string sql, Func<SqliteCommand, T> execute, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            using var connection = new SqliteConnection(_connectionString);
            connection.Open();
            if (DatabaseFile.HasMoved(connection))
            {
                throw DatabaseFile.CreateMovedException();
            }

            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every SQL text is a constant
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            }

            return Task.FromResult(execute(command));
        }
        catch (Exception exception) when (SqliteExceptionTranslator.IsTransient(exception))
        {
            return Task.FromException<T>(SqliteExceptionTranslator.ToStoreUnavailable(file, exception, nothingWritten: false));
        }
    }
}
