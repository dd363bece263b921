using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>API keys in the table <c>api_keys</c> of the runs' file. Another process, the command line, may write while a server reads.</summary>
internal sealed class SqliteApiKeyStore(string file) : IApiKeyStore
{
    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString();

    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => Execute(
        "INSERT INTO api_keys (prefix, tenant, created_at, not_after, document) VALUES ($prefix, $tenant, $created_at, $not_after, $document) "
        + "ON CONFLICT (prefix) DO NOTHING",
        command => command.ExecuteNonQuery() == 1,
        cancellationToken,
        ("$prefix", key.Prefix), ("$tenant", key.Tenant), ("$created_at", key.CreatedAt.ToUnixTimeMilliseconds()),
        ("$not_after", key.NotAfter?.ToUnixTimeMilliseconds()), ("$document", JsonSerializer.Serialize(key, RunRow.Json)));

    public Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) => Execute(
        "SELECT document, not_after FROM api_keys WHERE prefix IN (SELECT value FROM json_each($prefixes))",
        Read, cancellationToken, ("$prefixes", JsonSerializer.Serialize(prefixes)));

    public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => Execute(
        "SELECT document, not_after FROM api_keys WHERE tenant = $tenant OR $tenant IS NULL ORDER BY created_at, prefix",
        Read, cancellationToken, ("$tenant", tenant));

    public Task<bool> End(string prefix, DateTimeOffset time, CancellationToken cancellationToken) => Execute(
        "UPDATE api_keys SET not_after = min(coalesce(not_after, $time), $time) WHERE prefix = $prefix",
        command => command.ExecuteNonQuery() == 1, cancellationToken, ("$prefix", prefix), ("$time", time.ToUnixTimeMilliseconds()));

    private static IReadOnlyList<ApiKeyRecord> Read(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        var keys = new List<ApiKeyRecord>();
        while (reader.Read())
        {
            var key = JsonSerializer.Deserialize<ApiKeyRecord>(reader.GetString(0), RunRow.Json)!;
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
            using var connection = new SqliteConnection(_connection);
            connection.Open();
            if (DatabaseFile.HasMoved(connection))
            {
                throw DatabaseFile.Moved();
            }

            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            }

            return Task.FromResult(execute(command));
        }
        catch (Exception trouble) when (SqliteTrouble.Passes(trouble))
        {
            return Task.FromException<T>(SqliteTrouble.Unavailable(file, trouble, nothingWritten: false));
        }
    }
}
