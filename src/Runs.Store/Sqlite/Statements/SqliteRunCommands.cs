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
    private readonly SqliteCommand _insertChunk;
    private readonly SqliteCommand _renew;
    private readonly SqliteCommand _readOutbox;
    private readonly SqliteCommand _writeOutbox;

    private SqliteRunCommands(string file, SqliteConnection connection)
    {
        (_file, _connection) = (file, connection);
        // Immediate: a transaction that starts as a reader cannot become a writer after another process has written.
        _begin = CreateCommand("BEGIN IMMEDIATE");
        _commit = CreateCommand("COMMIT");
        var columns = string.Join(", ", SqliteRunRow.Columns);
        var values = string.Join(", ", SqliteRunRow.Columns.Select(column => $"${column}"));
        var assignments = string.Join(", ", SqliteRunRow.Columns.Skip(1).Select(column => $"{column} = ${column}"));
        _insert = CreateCommand($"INSERT INTO runs ({columns}) VALUES ({values}) ON CONFLICT (id) DO NOTHING");
        _replace = CreateCommand(
            $"UPDATE runs SET {assignments} "
            + "WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id AND renewals IS $renewals");
        _append = CreateCommand(
            "UPDATE runs SET latest_event_id = $latest_event_id, latest_external_event_sequence = $latest_external_event_sequence, "
            + "latest_event_at = $latest_event_at WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id");
        _insertChunk = CreateCommand(
            "INSERT INTO run_events (run, first_event_id, last_event_id, has_public_events, events) "
            + "VALUES ($run, $first_event_id, $last_event_id, $has_public_events, $events)");
        _renew = CreateCommand(
            "UPDATE runs SET lease_expires_at = $lease_expires_at, due_at = $due_at, renewals = coalesce(renewals, 0) + 1 "
            + "WHERE id = $id AND version = $version");
        _readOutbox = CreateCommand("SELECT outbox FROM runs WHERE id = $id");
        _writeOutbox = CreateCommand("UPDATE runs SET outbox = $outbox WHERE id = $id");
    }

    /// <summary>
    /// Whether the file at the path is no longer the open one, or its write-ahead log no longer exists.
    /// </summary>
    public bool HasMoved => DatabaseFile.HasMoved(_connection) || !File.Exists(_file + "-wal");

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

    /// <summary>Rewrites the schema version unchanged, so that the transaction has a change to commit.</summary>
    /// <returns>The schema version.</returns>
    public int Touch()
    {
        using var readVersion = CreateCommand("PRAGMA user_version");
        var version = Convert.ToInt32(readVersion.ExecuteScalar(), CultureInfo.InvariantCulture);
        using var writeVersion = CreateCommand(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
        writeVersion.ExecuteNonQuery();
        return version;
    }

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>Returns when the transaction is on the disk.</summary>
    public void Commit() => _commit.ExecuteNonQuery();

    /// <returns>False when a run with the same id exists.</returns>
    public bool Insert(SqliteRunRow row)
    {
        row.Bind(_insert);
        if (_insert.ExecuteNonQuery() == 0)
        {
            return false;
        }

        InsertChunks(row.Run.Id, SqliteEventRow.From(row.Run.EmbeddedEvents));
        return true;
    }

    /// <returns>False when the run does not exist or has changed since it was read.</returns>
    public bool Replace(SqliteRunRow row, RunVersion expected)
    {
        row.Bind(_replace);
        if (!ExecuteIfUnchanged(_replace, expected))
        {
            return false;
        }

        InsertChunks(
            row.Run.Id, SqliteEventRow.From(row.Run.EmbeddedEvents.FindAll(runEvent => runEvent.EventId > expected.LatestEventId)));
        return true;
    }

    /// <returns>False when the run does not exist or has changed since it was read.</returns>
    public bool Append(Run run, RunVersion expected, IReadOnlyList<SqliteEventRow> chunks)
    {
        Bind(
            _append,
            ("$id", SqliteRunRow.FormatId(run.Id)),
            ("$latest_event_id", run.LatestEventId),
            ("$latest_external_event_sequence", run.LatestExternalEventSequence),
            ("$latest_event_at", run.LatestEventAt?.ToUnixTimeMilliseconds()));
        if (!ExecuteIfUnchanged(_append, expected))
        {
            return false;
        }

        InsertChunks(run.Id, chunks);
        return true;
    }

    /// <returns>The ids of the runs whose leases were renewed.</returns>
    public IReadOnlySet<Guid> Renew(IReadOnlyList<LeaseRenewal> renewals)
    {
        var renewed = new HashSet<Guid>();
        foreach (var renewal in renewals)
        {
            Bind(
                _renew,
                ("$id", SqliteRunRow.FormatId(renewal.Id)),
                ("$version", renewal.Version),
                ("$lease_expires_at", renewal.ExpiresAt.ToUnixTimeMilliseconds()),
                ("$due_at", renewal.DueAt.ToUnixTimeMilliseconds()));
            if (_renew.ExecuteNonQuery() == 1)
            {
                renewed.Add(renewal.Id);
            }
        }

        return renewed;
    }

    /// <summary>Removes dispatched messages from the outboxes of runs.</summary>
    /// <returns>The number of outboxes that were not empty.</returns>
    public int ClearOutboxes(IReadOnlyList<DispatchedMessages> dispatched) => dispatched.Sum(ClearOutbox);

    /// <summary>Executes a statement that is too rare to be prepared.</summary>
    /// <returns>The number of changed rows.</returns>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = CreateCommand(sql);
        Bind(command, parameters);
        return command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _insert, _replace, _append, _insertChunk, _renew, _readOutbox, _writeOutbox })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    // An empty outbox is NULL, which the partial index excludes.
    private int ClearOutbox(DispatchedMessages dispatched)
    {
        var id = SqliteRunRow.FormatId(dispatched.RunId);
        Bind(_readOutbox, ("$id", id));
        if (_readOutbox.ExecuteScalar() is not string outbox)
        {
            return 0;
        }

        var remaining = SqliteRunRow.DeserializeOutbox(outbox)
            .Where(message => !dispatched.MessageIds.Contains(message.MessageId))
            .ToList();
        Bind(_writeOutbox, ("$id", id), ("$outbox", SqliteRunRow.SerializeOutbox(remaining)));
        return _writeOutbox.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
    }

    private static bool ExecuteIfUnchanged(SqliteCommand command, RunVersion expected)
    {
        command.Parameters.AddWithValue("$expected_version", expected.Version);
        command.Parameters.AddWithValue("$expected_event_id", expected.LatestEventId);
        return command.ExecuteNonQuery() == 1;
    }

    private void InsertChunks(Guid run, IReadOnlyList<SqliteEventRow> chunks)
    {
        foreach (var chunk in chunks)
        {
            Bind(
                _insertChunk,
                ("$run", SqliteRunRow.FormatId(run)),
                ("$first_event_id", chunk.FirstEventId),
                ("$last_event_id", chunk.LastEventId),
                ("$has_public_events", chunk.HasPublicEvents),
                ("$events", chunk.Events));
            _insertChunk.ExecuteNonQuery();
        }
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every SQL text consists of constants.")]
    private SqliteCommand CreateCommand(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
