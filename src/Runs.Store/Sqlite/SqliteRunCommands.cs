using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>The write commands of the single writer, on a dedicated connection with prepared statements.</summary>
internal sealed class SqliteRunCommands : IDisposable
{
    private readonly string _file;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _replace;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _insertEvent;
    private readonly SqliteCommand _readOutbox;
    private readonly SqliteCommand _writeOutbox;

    private SqliteRunCommands(string file, SqliteConnection connection)
    {
        (_file, _connection) = (file, connection);
        // Immediate: a transaction that starts as a reader cannot become a writer after another process has written.
        _begin = CreateCommand("BEGIN IMMEDIATE");
        _commit = CreateCommand("COMMIT");
        _insert = CreateCommand(
            $"INSERT INTO runs ({string.Join(", ", SqliteRunRow.Columns)}) VALUES ({string.Join(", ", SqliteRunRow.Columns.Select(column => "$" + column))}) "
            + "ON CONFLICT (id) DO NOTHING");
        _replace = CreateCommand(
            $"UPDATE runs SET {string.Join(", ", SqliteRunRow.Columns.Skip(1).Select(column => $"{column} = ${column}"))} "
            + "WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id");
        _append = CreateCommand(
            "UPDATE runs SET latest_event_id = $latest_event_id, latest_external_event_sequence = $latest_external_event_sequence, "
            + "latest_event_at = $latest_event_at WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id");
        _insertEvent = CreateCommand(
            "INSERT INTO run_events (run, event_id, event_type, public, external_sequence, created_at, event) "
            + "VALUES ($run, $event_id, $event_type, $public, $external_sequence, $created_at, $event)");
        _readOutbox = CreateCommand("SELECT outbox FROM runs WHERE id = $id");
        _writeOutbox = CreateCommand("UPDATE runs SET outbox = $outbox WHERE id = $id");
    }

    /// <summary>
    /// Opens the file and configures the connection. Creates the file and its directory if they do not exist and
    /// <paramref name="create"/> is true.
    /// </summary>
    public static SqliteRunCommands Open(string file, bool create)
    {
        if (create)
        {
            DatabaseFile.Create(file);
        }

        // Not pooled: disposing must close the connection, to roll back a transaction that failed on it.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            connection.Open();
            SqliteMigrations.Configure(connection);
            return new SqliteRunCommands(file, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Migrate() => SqliteMigrations.Migrate(_connection);

    /// <summary>
    /// Whether the file at the path is no longer the open one, or its write-ahead log no longer exists.
    /// </summary>
    public bool HasMoved => DatabaseFile.HasMoved(_connection) || !File.Exists(_file + "-wal");

    /// <summary>Rewrites the schema version unchanged, so that the transaction has a change to commit.</summary>
    public bool Touch()
    {
        using var readVersion = CreateCommand("PRAGMA user_version");
        using var writeVersion = CreateCommand(
            $"PRAGMA user_version = {Convert.ToInt32(readVersion.ExecuteScalar(), CultureInfo.InvariantCulture)}");
        writeVersion.ExecuteNonQuery();
        return true;
    }

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>Returns when the transaction is on the disk.</summary>
    public void Commit() => _commit.ExecuteNonQuery();

    /// <returns>False when a run with the same id exists.</returns>
    public bool Insert(SqliteRunRow row)
    {
        row.Bind(_insert);
        return _insert.ExecuteNonQuery() == 1 && InsertEvents(row.Run.Id, row.Run.EmbeddedEvents);
    }

    /// <returns>False when the run does not exist or has changed since it was read.</returns>
    public bool Replace(SqliteRunRow row, RunVersion expected)
    {
        row.Bind(_replace);
        return ExecuteIfUnchanged(_replace, expected)
            && InsertEvents(row.Run.Id, row.Run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId > expected.LatestEventId));
    }

    /// <returns>False when the run does not exist or has changed since it was read.</returns>
    public bool Append(Run run, IReadOnlyList<RunEvent> events)
    {
        _append.Parameters.Clear();
        _append.Parameters.AddWithValue("$id", SqliteRunRow.FormatId(run.Id));
        _append.Parameters.AddWithValue("$latest_event_id", events[^1].EventId);
        _append.Parameters.AddWithValue(
            "$latest_external_event_sequence", events.Max(runEvent => runEvent.ExternalSequence) ?? run.LatestExternalEventSequence);
        _append.Parameters.AddWithValue("$latest_event_at", events[^1].CreatedAt.ToUnixTimeMilliseconds());
        return ExecuteIfUnchanged(_append, RunVersion.From(run)) && InsertEvents(run.Id, events);
    }

    private static bool ExecuteIfUnchanged(SqliteCommand command, RunVersion expected)
    {
        command.Parameters.AddWithValue("$expected_version", expected.Version);
        command.Parameters.AddWithValue("$expected_event_id", expected.LatestEventId);
        return command.ExecuteNonQuery() == 1;
    }

    private bool InsertEvents(Guid run, IReadOnlyList<RunEvent> events)
    {
        foreach (var runEvent in events)
        {
            _insertEvent.Parameters.Clear();
            _insertEvent.Parameters.AddWithValue("$run", SqliteRunRow.FormatId(run));
            _insertEvent.Parameters.AddWithValue("$event_id", runEvent.EventId);
            _insertEvent.Parameters.AddWithValue("$event_type", runEvent.EventType);
            _insertEvent.Parameters.AddWithValue("$public", runEvent.Public);
            _insertEvent.Parameters.AddWithValue("$external_sequence", (object?)runEvent.ExternalSequence ?? DBNull.Value);
            _insertEvent.Parameters.AddWithValue("$created_at", runEvent.CreatedAt.ToUnixTimeMilliseconds());
            _insertEvent.Parameters.AddWithValue("$event", runEvent.Event.Text);
            _insertEvent.ExecuteNonQuery();
        }

        return true;
    }

    /// <summary>
    /// Removes messages from a run's outbox. An empty outbox is NULL, which the partial index excludes.
    /// </summary>
    public void ClearOutbox(DispatchedMessages dispatched)
    {
        _readOutbox.Parameters.Clear();
        _readOutbox.Parameters.AddWithValue("$id", SqliteRunRow.FormatId(dispatched.RunId));
        if (_readOutbox.ExecuteScalar() is not string outbox)
        {
            return;
        }

        var remaining = SqliteRunRow.DeserializeOutbox(outbox)
            .Where(message => !dispatched.MessageIds.Contains(message.MessageId))
            .ToList();
        _writeOutbox.Parameters.Clear();
        _writeOutbox.Parameters.AddWithValue("$id", SqliteRunRow.FormatId(dispatched.RunId));
        _writeOutbox.Parameters.AddWithValue("$outbox", (object?)SqliteRunRow.SerializeOutbox(remaining) ?? DBNull.Value);
        _writeOutbox.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _insert, _replace, _append, _insertEvent, _readOutbox, _writeOutbox })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every SQL text consists of constants.")]
    private SqliteCommand CreateCommand(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
