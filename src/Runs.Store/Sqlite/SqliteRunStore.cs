using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Runs.Contracts;

namespace Runs.Store.Sqlite;

/// <summary>
/// Stores runs in one SQLite file. Writes go through <see cref="SqliteWriter"/> and are on the disk when they return.
/// Reads use pooled connections and see every write that has returned. Several processes on one machine may share the
/// file: SQLite locks it, and the version detects concurrency conflicts as usual.
/// </summary>
internal sealed class SqliteRunStore(string file, StoreAvailability availability) : IRunStore, IDisposable
{
    /// <summary>The maximum size of a page, in characters: the same limit as in the MongoDB store.</summary>
    private const long MaxPageCharacters = 16 * 1024 * 1024;

    // SQLite reads from its cache in microseconds: a read runs on the caller's thread, which is cheaper than a thread
    // switch.
    private readonly string _readerConnectionString = BuildReaderConnectionString(file);
    private readonly SqliteWriter _writer = new(file, availability, () => CloseReaders(BuildReaderConnectionString(file)));
    private volatile bool _disposed;

    // Opening the file applies the missing migrations.
    public Task Initialize(CancellationToken cancellationToken) => _writer.Execute(commands => commands.Touch(), cancellationToken);

    // The list indexes are part of the schema.
    public Task CreateListIndexes(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Ping(CancellationToken cancellationToken)
    {
        // The schema version is in the file header, so this query reads the file.
        await Query("PRAGMA user_version", [], reader => reader.Read(), cancellationToken);
        await _writer.Probe(cancellationToken);
    }

    public Task<bool> TryInsert(Run run, CancellationToken cancellationToken)
    {
        var row = SqliteRunRow.From(run);
        return _writer.Execute(commands => commands.Insert(row), cancellationToken);
    }

    public Task<bool> TryReplace(Run run, RunVersion expected, CancellationToken cancellationToken)
    {
        var row = SqliteRunRow.From(run);
        return _writer.Execute(commands => commands.Replace(row, expected), cancellationToken);
    }

    public Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        _writer.Execute(commands => commands.Append(run, events), cancellationToken);

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) => Query(
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
            (run.Request, run.Input, run.Config, run.Output, run.Logs, run.Artifacts, run.Changes) = (default, null, null, null, null, null, []);
        }

        return run;
    }

    public Task<IReadOnlyList<RunEvent>> ReadEvents(Run run, long after, int limit, EventVisibility visibility, CancellationToken cancellationToken) => Query(
        "SELECT event_id, event_type, public, external_sequence, created_at, event FROM run_events "
        + $"WHERE run = $run AND event_id > $after AND event_id <= $latest{(visibility == EventVisibility.Public ? " AND public" : "")} ORDER BY event_id LIMIT $limit",
        [("$run", SqliteRunRow.FormatId(run.Id)), ("$after", after), ("$latest", run.LatestEventId), ("$limit", limit)],
        ReadEventPage,
        cancellationToken);

    public Task<IReadOnlyDictionary<Guid, RunVersion>> GetVersions(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Query(
        "SELECT id, version, latest_event_id FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, RunVersion> (reader) =>
        {
            var versions = new Dictionary<Guid, RunVersion>();
            while (reader.Read())
            {
                versions.Add(Guid.Parse(reader.GetString(0)), new RunVersion(reader.GetInt64(1), reader.GetInt64(2)));
            }

            return versions;
        },
        cancellationToken);

    public Task<RunPage> List(RunQuery query, RunCursor? after, int limit, CancellationToken cancellationToken)
    {
        var (selector, value) = query switch
        {
            { ProjectId: { } project } => ("project_id", project),
            { ConversationId: { } conversation } => ("conversation_id", conversation),
            { ParentRunId: { } parent } => ("parent_run_id", parent),
            { ParentConversationId: { } parent } => ("parent_conversation_id", parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        var sql = new StringBuilder($"SELECT {SqliteRunRow.SelectColumns} FROM runs WHERE tenant = $tenant AND {selector} = $selected");
        var parameters = new List<(string, object)> { ("$tenant", query.Tenant), ("$selected", value), ("$limit", limit + 1L) };
        AddCondition(
            "project_id IN (SELECT value FROM json_each($projects))", "$projects",
            query.Projects is null ? null : JsonSerializer.Serialize(query.Projects));
        AddCondition("kind = $kind", "$kind", query.Kind);
        AddCondition("status = $status", "$status", query.Status);
        AddCondition("json_extract(document, '$.trigger.tool_call_id') = $tool_call", "$tool_call", query.SpawnedFromToolCallId);
        sql.Append(query.HasInputRequests ? " AND json_extract(document, '$.input_requests') IS NOT NULL" : "");
        AddCondition(HasInputRequest("status", "$request_status"), "$request_status", query.InputRequestStatus);
        AddCondition(HasInputRequest("id", "$request_id"), "$request_id", query.InputRequestId?.ToString());

        if (after is { } cursor)
        {
            sql.Append(" AND (created_at, id) < ($created_at, $id)");
            parameters.Add(("$created_at", cursor.CreatedAt.ToUnixTimeMilliseconds()));
            parameters.Add(("$id", SqliteRunRow.FormatId(cursor.Id)));
        }

        // Reads one more run than the page holds, to find out whether there is a next page.
        sql.Append(" ORDER BY created_at DESC, id DESC LIMIT $limit");
        return Query(sql.ToString(), parameters, reader => ReadPage(reader, limit), cancellationToken);

        void AddCondition(string condition, string name, string? parameterValue)
        {
            if (parameterValue is not null)
            {
                sql.Append(" AND ").Append(condition);
                parameters.Add((name, parameterValue));
            }
        }

        static string HasInputRequest(string member, string value) =>
            $"EXISTS (SELECT 1 FROM json_each(document, '$.input_requests') WHERE json_extract(value, '$.{member}') = {value})";
    }

    public Task<IReadOnlyDictionary<Guid, string>> GetStatuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Query(
        "SELECT id, status FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, string> (reader) => ReadAll(reader, row => (Id: row.GetGuid(0), Status: row.GetString(1))).ToDictionary(run => run.Id, run => run.Status),
        cancellationToken);

    public Task<IReadOnlyList<ChildRun>> ListChildren(
        string tenant, IReadOnlyCollection<string> parentRunIds, ChildRun? after, int limit, CancellationToken cancellationToken) => Query(
        "SELECT id, document ->> '$.run_id', parent_run_id, status, created_at FROM runs "
        + "WHERE tenant = $tenant AND parent_run_id IN (SELECT value FROM json_each($parents)) AND (parent_run_id, created_at, id) > ($parent, $created_at, $id) "
        + "ORDER BY parent_run_id, created_at, id LIMIT $limit",
        [
            ("$tenant", tenant), ("$parents", JsonSerializer.Serialize(parentRunIds)), ("$limit", limit),
            ("$parent", after?.ParentRunId ?? ""), ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? 0), ("$id", after is null ? "" : SqliteRunRow.FormatId(after.Id)),
        ],
        IReadOnlyList<ChildRun> (reader) => ReadAll(
            reader, row => new ChildRun(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)))),
        cancellationToken);

    public Task<IReadOnlyList<RunWithOutbox>> ListWithOutbox(RunWithOutbox? after, int limit, CancellationToken cancellationToken) => Query(
        "SELECT tenant, id, version FROM runs WHERE outbox IS NOT NULL AND (tenant, id) > ($tenant, $id) ORDER BY tenant, id LIMIT $limit",
        [("$tenant", after?.Tenant ?? ""), ("$id", after is null ? "" : SqliteRunRow.FormatId(after.Id)), ("$limit", limit)],
        IReadOnlyList<RunWithOutbox> (reader) => ReadAll(reader, row => new RunWithOutbox(row.GetString(0), row.GetGuid(1), row.GetInt64(2))),
        cancellationToken);

    public Task<IReadOnlyList<Run>> ReadOutboxes(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Query(
        "SELECT id, tenant, document ->> '$.run_id', outbox FROM runs WHERE id IN (SELECT value FROM json_each($ids)) AND outbox IS NOT NULL",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyList<Run> (reader) =>
        {
            var (runs, characters) = (new List<Run>(), 0L);
            while (characters < MaxPageCharacters && reader.Read())
            {
                var outbox = reader.GetString(3);
                characters += outbox.Length;
                runs.Add(new Run { Id = reader.GetGuid(0), Tenant = reader.GetString(1), RunId = reader.GetString(2), Outbox = SqliteRunRow.DeserializeOutbox(outbox) });
            }

            return runs;
        },
        cancellationToken);

    public Task ClearOutbox(IReadOnlyList<DispatchedMessages> dispatched, CancellationToken cancellationToken) => _writer.Execute(
        commands =>
        {
            foreach (var dispatchedMessages in dispatched)
            {
                commands.ClearOutbox(dispatchedMessages);
            }

            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<DueRun>> ListDue(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> excludedTenants, int limit, CancellationToken cancellationToken) => Query(
        "SELECT id, tenant, document ->> '$.run_id', due_at FROM runs WHERE due_at <= $now AND (due_at, id) > ($due_at, $id) "
        + "AND tenant NOT IN (SELECT value FROM json_each($except)) ORDER BY due_at, id LIMIT $limit",
        [
            ("$now", now.ToUnixTimeMilliseconds()), ("$except", JsonSerializer.Serialize(excludedTenants)), ("$limit", limit),
            ("$due_at", after?.DueAt.ToUnixTimeMilliseconds() ?? long.MinValue), ("$id", after is null ? "" : SqliteRunRow.FormatId(after.Id)),
        ],
        IReadOnlyList<DueRun> (reader) => ReadAll(
            reader, row => new DueRun(row.GetGuid(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))),
        cancellationToken);

    /// <summary>Completes the queued writes. Later calls throw <see cref="StoreUnavailableException"/>.</summary>
    public void Dispose()
    {
        _disposed = true;
        _writer.Dispose();
        CloseReaders(_readerConnectionString);
    }

    private static string BuildReaderConnectionString(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWrite, // readers of a write-ahead log must be able to write to its shared index
        DefaultTimeout = 5,
    }.ToString();

    private static void CloseReaders(string connectionString)
    {
        using var reader = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(reader);
    }

    private static List<T> ReadAll<T>(SqliteDataReader reader, Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static RunPage ReadPage(SqliteDataReader reader, int limit)
    {
        var runs = new List<Run>();
        var characters = 0L;
        while (reader.Read())
        {
            var run = SqliteRunRow.Read(reader, out var length);
            characters += length;
            if (runs.Count == limit || (runs.Count > 0 && characters > MaxPageCharacters))
            {
                return new RunPage(runs, RunCursor.After(runs[^1])) { CharacterCount = characters };
            }

            runs.Add(run);
        }

        return new RunPage(runs, null) { CharacterCount = characters };
    }

    private static IReadOnlyList<RunEvent> ReadEventPage(SqliteDataReader reader)
    {
        var events = new List<RunEvent>();
        var characters = 0L;
        while (reader.Read())
        {
            var runEvent = new RunEvent(
                reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetInt64(3),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), new RawJson(reader.GetString(5)));
            characters += runEvent.Event.Text.Length;
            if (events.Count > 0 && characters > MaxPageCharacters)
            {
                break;
            }

            events.Add(runEvent);
        }

        return events;
    }

    private Task<T> Query<T>(
        string sql, IReadOnlyList<(string Name, object Value)> parameters, Func<SqliteDataReader, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        if (_disposed)
        {
            return Task.FromException<T>(new StoreUnavailableException("The store is closed.", null));
        }

        try
        {
            using var connection = new SqliteConnection(_readerConnectionString);
            connection.Open();
            if (DatabaseFile.HasMoved(connection))
            {
                CloseReaders(_readerConnectionString);
                throw DatabaseFile.CreateMovedException();
            }

            using var command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }

            using var reader = command.ExecuteReader();
            return Task.FromResult(read(reader));
        }
        catch (Exception exception) when (SqliteExceptionTranslator.IsTransient(exception))
        {
            availability.ReportFailure();
            return Task.FromException<T>(SqliteExceptionTranslator.ToStoreUnavailable(file, exception, nothingWritten: true));
        }
    }
}
