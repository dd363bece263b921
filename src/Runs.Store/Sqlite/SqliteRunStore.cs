using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// Stores runs in one SQLite file. If several processes share the file, SQLite locks it, and the version detects
/// concurrency conflicts as usual.
/// </summary>
/// <remarks>Throws SQLite's exceptions: see <see cref="ExceptionTranslatingRunStore"/>.</remarks>
internal sealed class SqliteRunStore(SqliteDatabase database) : IRunStore
{
    // Opening the file applies the missing migrations.
    public Task Initialize(CancellationToken cancellationToken) =>
        database.Write(commands => commands.Touch(), cancellationToken);

    // The list indexes are part of the schema.
    public Task CreateListIndexes(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Ping(CancellationToken cancellationToken) => database.Ping(cancellationToken);

    public Task<bool> TryInsert(Run run, CancellationToken cancellationToken)
    {
        var row = SqliteRunRow.From(run);
        return database.Write(commands => commands.Insert(row), cancellationToken);
    }

    public Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken)
    {
        var row = SqliteRunRow.From(run);
        return database.Write(commands => commands.Replace(row, expected), cancellationToken);
    }

    public async Task<RunHead?> TryAppend(RunHead head, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        var (expected, next, chunks) = (RunVersion.From(head.Run), head.Append(events), SqliteEventRow.From(events));
        return await database.Write(commands => commands.Append(next.Run, expected, chunks), cancellationToken) ? next : null;
    }

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) => database.Read(
        $"SELECT {SqliteRunRow.SelectColumns} FROM runs WHERE id = $id",
        [("$id", SqliteRunRow.FormatId(id))],
        reader => reader.Read() ? SqliteRunRow.Read(reader, out _) : null,
        cancellationToken);

    public Task<Run?> FindLinearizable(Guid id, CancellationToken cancellationToken) => Find(id, cancellationToken);

    // The document is read as a whole; clearing the payload keeps the state that subscribers hold small.
    public async Task<Run?> FindWithoutPayload(Guid id, CancellationToken cancellationToken)
    {
        var run = await Find(id, cancellationToken);
        if (run is not null)
        {
            run.Request = default;
            run.WorkerSession = null;
            (run.Changes, run.ToolResults) = ([], []);
            (run.Input, run.Config, run.Output, run.Logs, run.Artifacts) = (null, null, null, null, null);
        }

        return run;
    }

    public Task<IReadOnlyList<RunEvent>> ReadEvents(
        Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) => database.Read(
        """
        SELECT events FROM run_events
        WHERE run = $run AND first_event_id >= $first AND first_event_id <= $latest AND last_event_id > $after
            AND has_public_events >= $public
        ORDER BY first_event_id
        """,
        [
            ("$run", SqliteRunRow.FormatId(run.Id)),
            ("$first", EventChunk.GetMinFirstEventId(after)),
            ("$latest", run.LatestEventId),
            ("$after", after),
            ("$public", visibility == EventVisibility.Public),
        ],
        reader => SqlitePageReader.ReadEvents(reader, new EventPageBuilder(after, limit, visibility), run.LatestEventId),
        cancellationToken);

    public Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => database.Read(
        "SELECT id, version, latest_event_id FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, RunVersion> (reader) => reader
            .ReadAll(row => (Id: row.GetGuid(0), Version: new RunVersion(row.GetInt64(1), row.GetInt64(2))))
            .ToDictionary(run => run.Id, run => run.Version),
        cancellationToken);

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var statement = SqliteListStatement.From(query, after, limit);
        return database.Read(statement.Sql, statement.Parameters, reader => SqlitePageReader.ReadRuns(reader, limit), cancellationToken);
    }

    public Task<IReadOnlyDictionary<Guid, string>> GetStatuses(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => database.Read(
        "SELECT id, status FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, string> (reader) => reader
            .ReadAll(row => (Id: row.GetGuid(0), Status: row.GetString(1)))
            .ToDictionary(run => run.Id, run => run.Status),
        cancellationToken);

    public Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT id, run_id, parent_run_id, status, created_at FROM runs
            WHERE tenant = $tenant AND parent_run_id IN (SELECT value FROM json_each($parents))
                AND (parent_run_id, created_at, id) > ($parent, $created_at, $id)
            ORDER BY parent_run_id, created_at, id LIMIT $limit
            """,
            [
                ("$tenant", tenant),
                ("$parents", JsonSerializer.Serialize(parentRunIds)),
                ("$parent", after?.ParentRunId ?? ""),
                ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? 0),
                ("$id", FormatCursor(after?.Id)),
                ("$limit", limit),
            ],
            ReadChildRuns,
            cancellationToken);

    public Task<IReadOnlyList<ChildRun>> ListDescendants(
        string tenant, string rootRunId, ChildRun? after, int limit, CancellationToken cancellationToken) =>
        database.Read(
            """
            SELECT id, run_id, parent_run_id, status, created_at FROM runs
            WHERE tenant = $tenant AND root_run_id = $root AND parent_run_id IS NOT NULL
                AND (created_at, id) > ($created_at, $id)
            ORDER BY created_at, id LIMIT $limit
            """,
            [
                ("$tenant", tenant),
                ("$root", rootRunId),
                ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? 0),
                ("$id", FormatCursor(after?.Id)),
                ("$limit", limit),
            ],
            ReadChildRuns,
            cancellationToken);

    public Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(
        RunWithOutbox? after, int limit, CancellationToken cancellationToken) => database.Read(
        """
        SELECT tenant, id, version FROM runs
        WHERE outbox IS NOT NULL AND (tenant, id) > ($tenant, $id)
        ORDER BY tenant, id LIMIT $limit
        """,
        [("$tenant", after?.Tenant ?? ""), ("$id", FormatCursor(after?.Id)), ("$limit", limit)],
        IReadOnlyList<RunWithOutbox> (reader) => reader.ReadAll(row => new RunWithOutbox(
            row.GetString(0), row.GetGuid(1), row.GetInt64(2))),
        cancellationToken);

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => database.Read(
        """
        SELECT id, tenant, run_id, outbox FROM runs
        WHERE id IN (SELECT value FROM json_each($ids)) AND outbox IS NOT NULL
        """,
        [("$ids", JsonSerializer.Serialize(ids))],
        SqlitePageReader.ReadOutboxes,
        cancellationToken);

    public Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) =>
        database.Write(commands => commands.ClearOutboxes(dispatched), cancellationToken);

    public Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now,
        DueRun? after,
        IReadOnlyCollection<string> excludedTenants,
        int limit,
        CancellationToken cancellationToken) => database.Read(
        """
        SELECT id, tenant, run_id, due_at FROM runs
        WHERE due_at <= $now AND (due_at, id) > ($due_at, $id) AND tenant NOT IN (SELECT value FROM json_each($except))
        ORDER BY due_at, id LIMIT $limit
        """,
        [
            ("$now", now.ToUnixTimeMilliseconds()),
            ("$due_at", after?.DueAt.ToUnixTimeMilliseconds() ?? long.MinValue),
            ("$id", FormatCursor(after?.Id)),
            ("$except", JsonSerializer.Serialize(excludedTenants)),
            ("$limit", limit),
        ],
        IReadOnlyList<DueRun> (reader) => reader.ReadAll(row => new DueRun(
            row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetTime(3))),
        cancellationToken);

    public Task<IReadOnlyList<ClaimCandidate>> ListClaimable(
        string tenant, ClaimPool pool, int limit, CancellationToken cancellationToken)
    {
        var column = pool.IsOfKind ? "claim_kind_pool" : "claim_pool";
        return database.Read(
            $"SELECT run_id, claim_rank FROM runs WHERE tenant = $tenant AND {column} = $pool ORDER BY claim_rank, run_id LIMIT $limit",
            [("$tenant", tenant), ("$pool", pool.Name), ("$limit", limit)],
            IReadOnlyList<ClaimCandidate> (reader) => reader.ReadAll(row => new ClaimCandidate(row.GetString(0), row.GetTime(1))),
            cancellationToken);
    }

    public Task<ReadyPool?> FindReadyPool(ReadyPool? after, CancellationToken cancellationToken) => database.Read(
        """
        SELECT tenant, claim_pool, run_id, claim_rank FROM runs
        WHERE claim_pool IS NOT NULL AND (tenant, claim_pool) > ($tenant, $pool)
        ORDER BY tenant, claim_pool, claim_rank, run_id LIMIT 1
        """,
        [("$tenant", after?.Tenant ?? ""), ("$pool", after?.Name ?? "")], // the empty text sorts before every tenant
        ReadyPool? (reader) => reader.Read()
            ? new ReadyPool(reader.GetString(0), reader.GetString(1), new ClaimCandidate(reader.GetString(2), reader.GetTime(3)))
            : null,
        cancellationToken);

    public Task<IReadOnlyList<Run>> ReadLeases(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => database.Read(
        $"SELECT {SqlitePageReader.LeaseColumns} FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        SqlitePageReader.ReadLeases,
        cancellationToken);

    public Task<IReadOnlyList<Run>> ListLeases(
        string tenant, string owner, string instance, int limit, CancellationToken cancellationToken) => database.Read(
        $"""
        SELECT {SqlitePageReader.LeaseColumns} FROM runs
        WHERE tenant = $tenant AND lease_owner = $owner AND lease_instance = $instance LIMIT $limit
        """,
        [("$tenant", tenant), ("$owner", owner), ("$instance", instance), ("$limit", limit)],
        SqlitePageReader.ReadLeases,
        cancellationToken);

    public Task<IReadOnlySet<Guid>> RenewLeases(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken) =>
        database.Write(commands => commands.Renew(renewals), cancellationToken);

    public Task<bool> TrySetSession(Run run, WorkerSession session, CancellationToken cancellationToken)
    {
        var json = SqliteRunRow.SerializeSession(session);
        return database.Write(
            commands => commands.Execute(
                """
                UPDATE runs SET worker_session = $session, renewals = coalesce(renewals, 0) + 1
                WHERE id = $id AND version = $version AND renewals IS $renewals
                """,
                ("$session", json), ("$id", SqliteRunRow.FormatId(run.Id)), ("$version", run.Version), ("$renewals", run.Renewals)) == 1,
            cancellationToken);
    }

    private static IReadOnlyList<ChildRun> ReadChildRuns(SqliteDataReader reader) => reader.ReadAll(row => new ChildRun(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetTime(4)));

    // The empty text sorts before every id.
    private static string FormatCursor(Guid? after) => after is { } id ? SqliteRunRow.FormatId(id) : "";
}
