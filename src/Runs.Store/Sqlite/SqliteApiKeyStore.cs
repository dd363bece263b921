using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// Stores API keys in the table <c>api_keys</c> of the runs' database file. Another process, the command line, may
/// write while a server reads.
/// </summary>
/// <remarks>Throws SQLite's exceptions: see <see cref="ExceptionTranslatingApiKeyStore"/>.</remarks>
internal sealed class SqliteApiKeyStore(SqliteDatabase database) : IApiKeyStore
{
    public Task<bool> TryInsert(ApiKeyRecord key, CancellationToken cancellationToken) => database.Write(
        commands => commands.Execute(
            """
            INSERT INTO api_keys (prefix, tenant, created_at, not_after, document)
            VALUES ($prefix, $tenant, $created_at, $not_after, $document)
            ON CONFLICT (prefix) DO NOTHING
            """,
            ("$prefix", key.Prefix),
            ("$tenant", key.Tenant),
            ("$created_at", key.CreatedAt.ToUnixTimeMilliseconds()),
            ("$not_after", key.NotAfter?.ToUnixTimeMilliseconds()),
            ("$document", JsonSerializer.Serialize(key, SqliteRunRow.JsonOptions))) == 1,
        cancellationToken);

    public Task<IReadOnlyList<ApiKeyRecord>> Find(IReadOnlyCollection<string> prefixes, CancellationToken cancellationToken) =>
        database.Read(
            "SELECT document, not_after FROM api_keys WHERE prefix IN (SELECT value FROM json_each($prefixes))",
            [("$prefixes", JsonSerializer.Serialize(prefixes))],
            ReadKeys,
            cancellationToken);

    public Task<IReadOnlyList<ApiKeyRecord>> List(string? tenant, CancellationToken cancellationToken) => database.Read(
        "SELECT document, not_after FROM api_keys WHERE tenant = $tenant OR $tenant IS NULL ORDER BY created_at, prefix",
        [("$tenant", tenant)],
        ReadKeys,
        cancellationToken);

    public Task<bool> ExpireAt(string prefix, DateTimeOffset time, CancellationToken cancellationToken) => database.Write(
        commands => commands.Execute(
            "UPDATE api_keys SET not_after = min(coalesce(not_after, $time), $time) WHERE prefix = $prefix",
            ("$prefix", prefix),
            ("$time", time.ToUnixTimeMilliseconds())) == 1,
        cancellationToken);

    private static IReadOnlyList<ApiKeyRecord> ReadKeys(SqliteDataReader reader)
    {
        var keys = new List<ApiKeyRecord>();
        while (reader.Read())
        {
            var key = JsonSerializer.Deserialize<ApiKeyRecord>(reader.GetString(0), SqliteRunRow.JsonOptions)!;
            keys.Add(key with { NotAfter = reader.GetNullableTime(1) });
        }

        return keys;
    }
}
