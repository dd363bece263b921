namespace Runs.Store.Sqlite;

/// <summary>A row of <c>run_events</c>: a chunk of events as a JSON array.</summary>
internal sealed record SqliteEventRow(long FirstEventId, long LastEventId, bool HasPublicEvents, string Events)
{
    /// <summary>Serializes events, on the caller's thread instead of the writer's.</summary>
    public static IReadOnlyList<SqliteEventRow> From(IEnumerable<RunEvent> events) =>
    [
        .. EventChunk.Split(events).Select(chunk => new SqliteEventRow(
            chunk.FirstEventId, chunk.LastEventId, chunk.HasPublicEvents, SqliteRunRow.SerializeEvents(chunk))),
    ];
}
