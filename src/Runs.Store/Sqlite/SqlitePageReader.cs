using Microsoft.Data.Sqlite;
using Runs.Contracts;

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

    public static IReadOnlyList<RunEvent> ReadEvents(SqliteDataReader reader)
    {
        var page = new PageBuilder<RunEvent>();
        while (reader.Read())
        {
            var runEvent = new RunEvent(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetBoolean(2),
                reader.GetNullableInt64(3),
                reader.GetTime(4),
                new RawJson(reader.GetString(5)));
            if (!page.TryAdd(runEvent, runEvent.Event.Text.Length))
            {
                break;
            }
        }

        return page.Items;
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
