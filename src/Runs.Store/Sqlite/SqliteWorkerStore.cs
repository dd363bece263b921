using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// Stores workers in the table <c>workers</c> of the runs' database file. The last heartbeat is a column outside the
/// document, so that recording it does not rewrite the document.
/// </summary>
/// <remarks>Throws SQLite's exceptions: see <see cref="ExceptionTranslatingWorkerStore"/>.</remarks>
internal sealed class SqliteWorkerStore(SqliteDatabase database) : IWorkerStore
{
    public Task<bool> TryInsert(Worker worker, CancellationToken cancellationToken)
    {
        var document = Serialize(worker);
        return database.Write(
            commands => commands.Execute(
                """
                INSERT INTO workers (id, tenant, project_id, version, created_at, revoked_at, last_heartbeat_at, document)
                VALUES ($id, $tenant, $project_id, $version, $created_at, $revoked_at, $last_heartbeat_at, $document)
                ON CONFLICT (id) DO NOTHING
                """,
                ("$id", SqliteRunRow.FormatId(worker.Id)),
                ("$tenant", worker.Tenant),
                ("$project_id", worker.ProjectId),
                ("$version", worker.Version),
                ("$created_at", worker.CreatedAt.ToUnixTimeMilliseconds()),
                ("$revoked_at", worker.RevokedAt?.ToUnixTimeMilliseconds()),
                ("$last_heartbeat_at", worker.LastHeartbeatAt?.ToUnixTimeMilliseconds()),
                ("$document", document)) == 1,
            cancellationToken);
    }

    public Task<bool> TryReplace(Worker worker, long expectedVersion, CancellationToken cancellationToken)
    {
        var document = Serialize(worker);
        return database.Write(
            commands => commands.Execute(
                """
                UPDATE workers SET version = $version, revoked_at = $revoked_at, document = $document
                WHERE id = $id AND version = $expected_version
                """,
                ("$id", SqliteRunRow.FormatId(worker.Id)),
                ("$expected_version", expectedVersion),
                ("$version", worker.Version),
                ("$revoked_at", worker.RevokedAt?.ToUnixTimeMilliseconds()),
                ("$document", document)) == 1,
            cancellationToken);
    }

    public Task<Worker?> Find(Guid id, CancellationToken cancellationToken) => database.Read(
        "SELECT document, last_heartbeat_at FROM workers WHERE id = $id",
        [("$id", SqliteRunRow.FormatId(id))],
        reader => reader.Read() ? ReadWorker(reader) : null,
        cancellationToken);

    public Task<Worker?> FindLinearizable(Guid id, CancellationToken cancellationToken) => Find(id, cancellationToken);

    public Task<IReadOnlyList<Worker>> FindWithoutDetails(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT json_remove(document, '$.metadata', '$.targets'), last_heartbeat_at FROM workers
            WHERE id IN (SELECT value FROM json_each($ids))
            """,
            [("$ids", JsonSerializer.Serialize(ids))],
            IReadOnlyList<Worker> (reader) => reader.ReadAll(ReadWorker),
            cancellationToken);

    public Task<WorkerPage> List(
        string tenant, string projectId, RunCursor? after, int limit, CancellationToken cancellationToken) => database.Read(
        """
        SELECT document, last_heartbeat_at FROM workers
        WHERE tenant = $tenant AND project_id = $project_id AND revoked_at IS NULL AND (created_at, id) < ($created_at, $id)
        ORDER BY created_at DESC, id DESC LIMIT $limit
        """,
        [
            ("$tenant", tenant),
            ("$project_id", projectId),
            ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? long.MaxValue),
            ("$id", after is { } cursor ? SqliteRunRow.FormatId(cursor.Id) : ""),
            ("$limit", limit + 1L),
        ],
        reader => ReadPage(reader, limit),
        cancellationToken);

    public Task RecordHeartbeats(IReadOnlyCollection<Guid> ids, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var list = JsonSerializer.Serialize(ids);
        return database.Write(
            commands => commands.Execute(
                """
                UPDATE workers SET last_heartbeat_at = max(coalesce(last_heartbeat_at, $time), $time)
                WHERE id IN (SELECT value FROM json_each($ids))
                """,
                ("$ids", list),
                ("$time", time.ToUnixTimeMilliseconds())),
            cancellationToken);
    }

    private static string Serialize(Worker worker) =>
        JsonSerializer.Serialize(worker with { LastHeartbeatAt = null }, SqliteRunRow.JsonOptions);

    private static Worker ReadWorker(SqliteDataReader reader) =>
        JsonSerializer.Deserialize<Worker>(reader.GetString(0), SqliteRunRow.JsonOptions)! with
        {
            LastHeartbeatAt = reader.GetNullableTime(1),
        };

    private static WorkerPage ReadPage(SqliteDataReader reader, int limit)
    {
        var page = new PageBuilder<Worker>(limit);
        while (reader.Read())
        {
            var worker = ReadWorker(reader);
            if (!page.TryAdd(worker, WorkerPage.CountCharacters(worker)))
            {
                return WorkerPage.From(page, hasNext: true);
            }
        }

        return WorkerPage.From(page, hasNext: false);
    }
}
