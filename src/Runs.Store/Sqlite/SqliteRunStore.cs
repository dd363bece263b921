using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Runs.Contracts;

namespace Runs.Store.Sqlite;

/// <summary>
/// Runs in one SQLite file. Writes go through <see cref="GroupCommit"/> and are on the disk when they return; reads take pooled connections and see
/// every write that has returned. Several processes on one machine may share the file: SQLite locks it, and the version decides as ever.
/// </summary>
internal sealed class SqliteRunStore(string file, StoreAvailability availability) : IRunStore, IDisposable
{
    /// <summary>What one answer may hold, in characters: the bound that one message of the other store has.</summary>
    private const long MostCharacters = 16 * 1024 * 1024;

    // SQLite answers in microseconds from its cache: a read runs on its caller's thread, which is cheaper than going to another.
    private readonly string _readers = Readers(file);
    private readonly GroupCommit _writes = new(file, availability, () => CloseReaders(Readers(file)));
    private volatile bool _disposed;

    // Opening the file brings its schema up to date.
    public Task Prepare(CancellationToken cancellationToken) => _writes.Run(table => table.Touch(), cancellationToken);

    // They are part of the schema.
    public Task PrepareLists(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Ping(CancellationToken cancellationToken)
    {
        // The schema's version stands in the file, so this reads it.
        await Read("PRAGMA user_version", [], reader => reader.Read(), cancellationToken);
        await _writes.Probe(cancellationToken);
    }

    public Task<bool> TryInsert(Run run, CancellationToken cancellationToken)
    {
        var row = RunRow.Of(run);
        return _writes.Run(table => table.Insert(row), cancellationToken);
    }

    public Task<bool> TryReplace(Run run, RunStamp read, CancellationToken cancellationToken)
    {
        var row = RunRow.Of(run);
        return _writes.Run(table => table.Replace(row, read), cancellationToken);
    }

    public Task<bool> TryAppend(Run run, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken) =>
        _writes.Run(table => table.Append(run, events), cancellationToken);

    public Task<Run?> Find(Guid id, CancellationToken cancellationToken) => Read(
        $"SELECT {RunRow.Selected} FROM runs WHERE id = $id",
        [("$id", RunRow.Key(id))],
        reader => reader.Read() ? RunRow.Read(reader, out _) : null,
        cancellationToken);

    public Task<Run?> FindLatest(Guid id, CancellationToken cancellationToken) => Find(id, cancellationToken);

    // The document is read as a whole; what followers of a run keep of it is small.
    public async Task<Run?> FindHead(Guid id, CancellationToken cancellationToken)
    {
        var run = await Find(id, cancellationToken);
        if (run is not null)
        {
            (run.Request, run.Input, run.Config, run.Output, run.Logs, run.Artifacts, run.ChangedBy) = (default, null, null, null, null, null, []);
        }

        return run;
    }

    public Task<IReadOnlyList<RunEvent>> Events(Run run, long after, int limit, EventScope scope, CancellationToken cancellationToken) => Read(
        "SELECT event_id, event_type, public, external_sequence, created_at, event FROM run_events "
        + $"WHERE run = $run AND event_id > $after AND event_id <= $latest{(scope == EventScope.Public ? " AND public" : "")} ORDER BY event_id LIMIT $limit",
        [("$run", RunRow.Key(run.Id)), ("$after", after), ("$latest", run.LatestEventId), ("$limit", limit)],
        ReadEvents,
        cancellationToken);

    public Task<IReadOnlyDictionary<Guid, RunStamp>> Stamps(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Read(
        "SELECT id, version, latest_event_id FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, RunStamp> (reader) =>
        {
            var stamps = new Dictionary<Guid, RunStamp>();
            while (reader.Read())
            {
                stamps.Add(Guid.Parse(reader.GetString(0)), new RunStamp(reader.GetInt64(1), reader.GetInt64(2)));
            }

            return stamps;
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
        var sql = new StringBuilder($"SELECT {RunRow.Selected} FROM runs WHERE tenant = $tenant AND {selector} = $selected");
        var parameters = new List<(string, object)> { ("$tenant", query.Tenant), ("$selected", value), ("$limit", limit + 1L) };
        Narrow("project_id IN (SELECT value FROM json_each($projects))", "$projects", query.Projects is null ? null : JsonSerializer.Serialize(query.Projects));
        Narrow("kind = $kind", "$kind", query.Kind);
        Narrow("status = $status", "$status", query.Status);
        Narrow("json_extract(document, '$.trigger.tool_call_id') = $tool_call", "$tool_call", query.SpawnedFromToolCallId);
        sql.Append(query.HasInputRequests ? " AND json_extract(document, '$.input_requests') IS NOT NULL" : "");
        Narrow(HasInputRequest("status", "$request_status"), "$request_status", query.InputRequestStatus);
        Narrow(HasInputRequest("id", "$request_id"), "$request_id", query.InputRequestId?.ToString());

        if (after is { } place)
        {
            sql.Append(" AND (created_at, id) < ($created_at, $id)");
            parameters.Add(("$created_at", place.CreatedAt.ToUnixTimeMilliseconds()));
            parameters.Add(("$id", RunRow.Key(place.Id)));
        }

        // One more than the page holds tells whether there is a next one.
        sql.Append(" ORDER BY created_at DESC, id DESC LIMIT $limit");
        return Read(sql.ToString(), parameters, reader => Page(reader, limit), cancellationToken);

        void Narrow(string condition, string name, string? wanted)
        {
            if (wanted is not null)
            {
                sql.Append(" AND ").Append(condition);
                parameters.Add((name, wanted));
            }
        }

        static string HasInputRequest(string member, string value) =>
            $"EXISTS (SELECT 1 FROM json_each(document, '$.input_requests') WHERE json_extract(value, '$.{member}') = {value})";
    }

    public Task<IReadOnlyDictionary<Guid, string>> Statuses(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Read(
        "SELECT id, status FROM runs WHERE id IN (SELECT value FROM json_each($ids))",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyDictionary<Guid, string> (reader) => All(reader, row => (Id: row.GetGuid(0), Status: row.GetString(1))).ToDictionary(run => run.Id, run => run.Status),
        cancellationToken);

    public Task<IReadOnlyList<ChildRun>> Children(
        string tenant, IReadOnlyCollection<string> parents, ChildRun? after, int limit, CancellationToken cancellationToken) => Read(
        "SELECT id, document ->> '$.run_id', parent_run_id, status, created_at FROM runs "
        + "WHERE tenant = $tenant AND parent_run_id IN (SELECT value FROM json_each($parents)) AND (parent_run_id, created_at, id) > ($parent, $created_at, $id) "
        + "ORDER BY parent_run_id, created_at, id LIMIT $limit",
        [
            ("$tenant", tenant), ("$parents", JsonSerializer.Serialize(parents)), ("$limit", limit),
            ("$parent", after?.ParentRunId ?? ""), ("$created_at", after?.CreatedAt.ToUnixTimeMilliseconds() ?? 0), ("$id", after is null ? "" : RunRow.Key(after.Id)),
        ],
        IReadOnlyList<ChildRun> (reader) => All(
            reader, row => new ChildRun(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)))),
        cancellationToken);

    public Task<IReadOnlyList<UnsentRun>> Unsent(UnsentRun? after, int limit, CancellationToken cancellationToken) => Read(
        "SELECT tenant, id, version FROM runs WHERE outbox IS NOT NULL AND (tenant, id) > ($tenant, $id) ORDER BY tenant, id LIMIT $limit",
        [("$tenant", after?.Tenant ?? ""), ("$id", after is null ? "" : RunRow.Key(after.Id)), ("$limit", limit)],
        IReadOnlyList<UnsentRun> (reader) => All(reader, row => new UnsentRun(row.GetString(0), row.GetGuid(1), row.GetInt64(2))),
        cancellationToken);

    public Task<IReadOnlyList<Run>> WithOutbox(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) => Read(
        "SELECT id, tenant, document ->> '$.run_id', outbox FROM runs WHERE id IN (SELECT value FROM json_each($ids)) AND outbox IS NOT NULL",
        [("$ids", JsonSerializer.Serialize(ids))],
        IReadOnlyList<Run> (reader) =>
        {
            var (runs, characters) = (new List<Run>(), 0L);
            while (characters < MostCharacters && reader.Read())
            {
                var outbox = reader.GetString(3);
                characters += outbox.Length;
                runs.Add(new Run { Id = reader.GetGuid(0), Tenant = reader.GetString(1), RunId = reader.GetString(2), Outbox = RunRow.ReadOutbox(outbox) });
            }

            return runs;
        },
        cancellationToken);

    public Task ClearOutbox(IReadOnlyList<SentMessages> sent, CancellationToken cancellationToken) => _writes.Run(
        table =>
        {
            foreach (var messages in sent)
            {
                table.ClearOutbox(messages);
            }

            return true;
        },
        cancellationToken);

    public Task<IReadOnlyList<DueRun>> Due(
        DateTimeOffset now, DueRun? after, IReadOnlyCollection<string> except, int limit, CancellationToken cancellationToken) => Read(
        "SELECT id, tenant, document ->> '$.run_id', due_at FROM runs WHERE due_at <= $now AND (due_at, id) > ($due_at, $id) "
        + "AND tenant NOT IN (SELECT value FROM json_each($except)) ORDER BY due_at, id LIMIT $limit",
        [
            ("$now", now.ToUnixTimeMilliseconds()), ("$except", JsonSerializer.Serialize(except)), ("$limit", limit),
            ("$due_at", after?.DueAt.ToUnixTimeMilliseconds() ?? long.MinValue), ("$id", after is null ? "" : RunRow.Key(after.Id)),
        ],
        IReadOnlyList<DueRun> (reader) => All(
            reader, row => new DueRun(row.GetGuid(0), row.GetString(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))),
        cancellationToken);

    /// <summary>Finishes the writes that were asked for; later calls find the store unavailable.</summary>
    public void Dispose()
    {
        _disposed = true;
        _writes.Dispose();
        CloseReaders(_readers);
    }

    private static string Readers(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWrite, // readers of a write-ahead log share its index, which they must be able to write
        DefaultTimeout = 5,
    }.ToString();

    private static void CloseReaders(string readers)
    {
        using var reader = new SqliteConnection(readers);
        SqliteConnection.ClearPool(reader);
    }

    private static List<T> All<T>(SqliteDataReader reader, Func<SqliteDataReader, T> read)
    {
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static RunPage Page(SqliteDataReader reader, int limit)
    {
        var runs = new List<Run>();
        var characters = 0L;
        while (reader.Read())
        {
            var run = RunRow.Read(reader, out var length);
            characters += length;
            if (runs.Count == limit || (runs.Count > 0 && characters > MostCharacters))
            {
                return new RunPage(runs, RunCursor.After(runs[^1])) { Characters = characters };
            }

            runs.Add(run);
        }

        return new RunPage(runs, null) { Characters = characters };
    }

    private static IReadOnlyList<RunEvent> ReadEvents(SqliteDataReader reader)
    {
        var events = new List<RunEvent>();
        var characters = 0L;
        while (reader.Read())
        {
            var logged = new RunEvent(
                reader.GetInt64(0), reader.GetString(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetInt64(3),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), new RawJson(reader.GetString(5)));
            characters += logged.Event.Text.Length;
            if (events.Count > 0 && characters > MostCharacters)
            {
                break;
            }

            events.Add(logged);
        }

        return events;
    }

    private Task<T> Read<T>(
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
            using var connection = new SqliteConnection(_readers);
            connection.Open();
            if (DatabaseFile.HasMoved(connection))
            {
                CloseReaders(_readers);
                throw DatabaseFile.Moved();
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
        catch (Exception trouble) when (SqliteTrouble.Passes(trouble))
        {
            availability.ReportFailure();
            return Task.FromException<T>(SqliteTrouble.Unavailable(file, trouble, nothingWritten: true));
        }
    }
}
