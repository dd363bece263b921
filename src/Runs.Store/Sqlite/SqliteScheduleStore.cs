using System.Text.Json;
using Microsoft.Data.Sqlite;
using Runs.Contracts;

namespace Runs.Store.Sqlite;

/// <summary>Stores schedules in the table <c>schedules</c> of the runs' database file, and reads their runs.</summary>
/// <remarks>Throws SQLite's exceptions: see <see cref="ExceptionTranslatingScheduleStore"/>.</remarks>
internal sealed class SqliteScheduleStore(SqliteDatabase database) : IScheduleStore
{
    private const string ReplaceStatement =
        """
        UPDATE schedules SET status = $status, source_trigger_id = $source_trigger_id, due_at = $due_at, version = $version,
            document = $document
        WHERE id = $id AND version = $version - 1
        """;

    public Task<bool> TryInsert(Schedule schedule, CancellationToken cancellationToken) => Write(
        """
        INSERT INTO schedules (id, tenant, project_id, status, source_trigger_id, created_at, due_at, version, document)
        VALUES ($id, $tenant, $project_id, $status, $source_trigger_id, $created_at, $due_at, $version, $document)
        ON CONFLICT (id) DO NOTHING
        """,
        schedule,
        cancellationToken);

    public Task<Schedule?> Find(Guid id, CancellationToken cancellationToken) => database.Read(
        "SELECT document FROM schedules WHERE id = $id",
        [("$id", SqliteRunRow.FormatId(id))],
        reader => reader.Read() ? ReadSchedule(reader) : null,
        cancellationToken);

    public Task<bool> TryReplace(Schedule schedule, CancellationToken cancellationToken) =>
        Write(ReplaceStatement, schedule, cancellationToken);

    public Task<IReadOnlySet<Guid>> Replace(IReadOnlyList<Schedule> schedules, CancellationToken cancellationToken)
    {
        var documents = schedules.Select(schedule => (Schedule: schedule, Document: Serialize(schedule))).ToList();
        return database.Write(
            IReadOnlySet<Guid> (commands) => documents
                .Where(item => Execute(commands, ReplaceStatement, item.Schedule, item.Document))
                .Select(item => item.Schedule.Id)
                .ToHashSet(),
            cancellationToken);
    }

    public Task<bool> TryDelete(Schedule schedule, CancellationToken cancellationToken) => database.Write(
        commands => commands.Execute(
            "DELETE FROM schedules WHERE id = $id AND version = $version",
            ("$id", SqliteRunRow.FormatId(schedule.Id)),
            ("$version", schedule.Version)) == 1,
        cancellationToken);

    public Task<IReadOnlyList<Schedule>> ListDue(
        DateTimeOffset now,
        Schedule? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) => database.Read(
        """
        SELECT document FROM schedules
        WHERE due_at <= $now AND (due_at, id) > ($due_at, $id) AND tenant NOT IN (SELECT value FROM json_each($except))
        ORDER BY due_at, id LIMIT $limit
        """,
        [
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$due_at", after?.DueAt?.ToUnixTimeMilliseconds() ?? long.MinValue),
            ("$id", after is null ? "" : SqliteRunRow.FormatId(after.Id)),
            ("$except", JsonSerializer.Serialize(excludedTenants)),
            ("$limit", limit),
        ],
        IReadOnlyList<Schedule> (reader) => reader.ReadAll(ReadSchedule),
        cancellationToken);

    public Task<int> Count(string tenant, int limit, CancellationToken cancellationToken) => database.Read(
        "SELECT count(*) FROM (SELECT 1 FROM schedules WHERE tenant = $tenant LIMIT $limit)",
        [("$tenant", tenant), ("$limit", limit)],
        reader => reader.Read() ? reader.GetInt32(0) : 0,
        cancellationToken);

    public Task<SchedulePage> List(ScheduleQuery query, RunCursor? after, int limit, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT document FROM schedules
            WHERE tenant = $tenant AND project_id = $project_id AND (created_at, id) < ($created_at, $id)
                AND ($status IS NULL OR status = $status) AND ($trigger IS NULL OR source_trigger_id = $trigger)
            ORDER BY created_at DESC, id DESC LIMIT $limit
            """,
            [
                ("$tenant", query.Tenant),
                ("$project_id", query.ProjectId),
                ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? long.MaxValue),
                ("$id", after is { Id: var id } ? SqliteRunRow.FormatId(id) : ""),
                ("$status", query.Status),
                ("$trigger", query.SourceTriggerId),
                ("$limit", limit + 1L),
            ],
            reader => SchedulePage.From(reader.ReadAll(ReadSchedule), limit),
            cancellationToken);

    public Task<IReadOnlyList<string>> ListActiveRuns(Schedule schedule, int limit, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT document ->> '$.run_id' FROM runs
            WHERE tenant = $tenant AND schedule_id = $schedule_id AND status IN ('pending', 'running', 'waiting')
            ORDER BY created_at, id LIMIT $limit
            """,
            [("$tenant", schedule.Tenant), ("$schedule_id", schedule.Id.ToString()), ("$limit", limit)],
            IReadOnlyList<string> (reader) => reader.ReadAll(row => row.GetString(0)),
            cancellationToken);

    public Task<IReadOnlySet<Guid>> FindWithActiveRuns(IReadOnlyCollection<Schedule> schedules, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT value ->> 1 FROM json_each($schedules)
            WHERE EXISTS (SELECT 1 FROM runs
                WHERE tenant = value ->> 0 AND schedule_id = value ->> 1 AND status IN ('pending', 'running', 'waiting'))
            """,
            [("$schedules", JsonSerializer.Serialize(schedules.Select(schedule => new[] { schedule.Tenant, $"{schedule.Id}" })))],
            IReadOnlySet<Guid> (reader) => reader.ReadAll(row => Guid.Parse(row.GetString(0))).ToHashSet(),
            cancellationToken);

    public Task<IReadOnlyList<EndedScheduleRun>> ListEndedRuns(
        Schedule schedule, int limit, CancellationToken cancellationToken) => database.Read(
        """
        SELECT document ->> '$.run_id', status, created_at, document ->> '$.completed_at', document -> '$.error' FROM runs
        WHERE tenant = $tenant AND schedule_id = $schedule_id AND status IN ('completed', 'failed')
        ORDER BY created_at DESC, id DESC LIMIT $limit
        """,
        [("$tenant", schedule.Tenant), ("$schedule_id", schedule.Id.ToString()), ("$limit", limit)],
        IReadOnlyList<EndedScheduleRun> (reader) => reader.ReadAll(row => new EndedScheduleRun(
            row.GetString(0),
            row.GetString(1),
            row.GetTime(2),
            row.GetNullableString(3) is { } time ? Deserialize<DateTimeOffset>($"\"{time}\"") : null,
            row.GetNullableString(4) is { } error ? Deserialize<RunError>(error) : null)),
        cancellationToken);

    private Task<bool> Write(string sql, Schedule schedule, CancellationToken cancellationToken)
    {
        var document = Serialize(schedule);
        return database.Write(commands => Execute(commands, sql, schedule, document), cancellationToken);
    }

    private static bool Execute(SqliteRunCommands commands, string sql, Schedule schedule, string document) => commands.Execute(
        sql,
        ("$id", SqliteRunRow.FormatId(schedule.Id)),
        ("$tenant", schedule.Tenant),
        ("$project_id", schedule.ProjectId),
        ("$status", schedule.Status),
        ("$source_trigger_id", schedule.SourceTriggerId),
        ("$created_at", schedule.CreatedAt.ToUnixTimeMilliseconds()),
        ("$due_at", schedule.DueAt?.ToUnixTimeMilliseconds()),
        ("$version", schedule.Version),
        ("$document", document)) == 1;

    private static string Serialize(Schedule schedule) => JsonSerializer.Serialize(schedule, SqliteRunRow.JsonOptions);

    private static Schedule ReadSchedule(SqliteDataReader reader) => Deserialize<Schedule>(reader.GetString(0));

    private static T Deserialize<T>(string json) => JsonSerializer.Deserialize<T>(json, SqliteRunRow.JsonOptions)!;
}
