using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>Reads rows until a page is full.</summary>
internal static class SqlitePageReader
{
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
}
