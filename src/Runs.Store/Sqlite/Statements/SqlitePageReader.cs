using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>Reads rows until a page is full.</summary>
internal static class SqlitePageReader
{
    /// <summary>The columns that <see cref="ReadLeases"/> reads.</summary>
    public const string LeaseColumns =
        """
        id, tenant, run_id, status, document ->> '$.phase', version, coalesce(document ->> '$.attempt', 0), lease_owner, lease_instance,
        lease_expires_at, coalesce(document ->> '$.lease_fenced', 0), unixepoch(document ->> '$.timeout_at', 'subsec'),
        unixepoch(document ->> '$.wait_expires_at', 'subsec'), updated_at, project_id
        """;

    public static RunPage ReadRuns(SqliteDataReader reader, int limit)
    {
        var page = new PageBuilder<Run>(limit);
        while (reader.Read())
        {
            var run = SqliteRunRow.Read(reader, out var characterCount);
            if (!page.TryAdd(run, characterCount))
            {
                return RunPage.From(page, hasNext: true);
            }
        }

        return RunPage.From(page, hasNext: false);
    }

    /// <summary>Reads chunks, in the order of their first ids, up to the event id <paramref name="until"/>.</summary>
    public static IReadOnlyList<RunEvent> ReadEvents(SqliteDataReader reader, EventPageBuilder page, long until)
    {
        while (!page.IsFull && reader.Read())
        {
            page.Add(SqliteRunRow.DeserializeEvents(reader.GetString(0)), until);
        }

        return page.Events;
    }

    public static IReadOnlyList<Run> ReadOutboxes(SqliteDataReader reader)
    {
        var page = new PageBuilder<Run>();
        while (!page.IsFull && reader.Read())
        {
            var outbox = reader.GetString(3);
            var run = new Run
            {
                Id = reader.GetGuid(0),
                Tenant = reader.GetString(1),
                RunId = reader.GetString(2),
                Outbox = SqliteRunRow.DeserializeOutbox(outbox),
            };
            page.Add(run, outbox.Length);
        }

        return page.Items;
    }

    public static IReadOnlyList<Run> ReadLeases(SqliteDataReader reader) => reader.ReadAll(row => new Run
    {
        Id = row.GetGuid(0),
        Tenant = row.GetString(1),
        RunId = row.GetString(2),
        Status = row.GetString(3),
        Phase = row.GetNullableString(4),
        Version = row.GetInt64(5),
        Attempt = row.GetInt32(6),
        LeaseOwner = row.GetNullableString(7),
        LeaseInstance = row.GetNullableString(8),
        LeaseExpiresAt = row.GetNullableTime(9),
        LeaseFenced = row.GetBoolean(10),
        TimeoutAt = ReadSeconds(row, 11),
        WaitExpiresAt = ReadSeconds(row, 12),
        UpdatedAt = row.GetTime(13),
        ProjectId = row.GetNullableString(14),
    });

    // SQLite's own conversion of a stored time has seconds as a floating-point number.
    private static DateTimeOffset? ReadSeconds(SqliteDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(reader.GetDouble(column) * 1000));
}
