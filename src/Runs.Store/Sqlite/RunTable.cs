using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>The tables as their one writer sees them: a connection of its own, with statements that are compiled once.</summary>
internal sealed class RunTable : IDisposable
{
    private readonly string _file;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _replace;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _log;
    private readonly SqliteCommand _readOutbox;
    private readonly SqliteCommand _writeOutbox;

    private RunTable(string file, SqliteConnection connection)
    {
        (_file, _connection) = (file, connection);
        // Immediate: a transaction that begins as a reader cannot become a writer when another process has written meanwhile.
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command(
            $"INSERT INTO runs ({string.Join(", ", RunRow.Columns)}) VALUES ({string.Join(", ", RunRow.Columns.Select(column => "$" + column))}) "
            + "ON CONFLICT (id) DO NOTHING");
        _replace = Command(
            $"UPDATE runs SET {string.Join(", ", RunRow.Columns.Skip(1).Select(column => $"{column} = ${column}"))} "
            + "WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id");
        _append = Command(
            "UPDATE runs SET latest_event_id = $latest_event_id, latest_external_event_sequence = $latest_external_event_sequence, "
            + "latest_event_at = $latest_event_at WHERE id = $id AND version = $expected_version AND latest_event_id = $expected_event_id");
        _log = Command(
            "INSERT INTO run_events (run, event_id, event_type, public, external_sequence, created_at, event) "
            + "VALUES ($run, $event_id, $event_type, $public, $external_sequence, $created_at, $event)");
        _readOutbox = Command("SELECT outbox FROM runs WHERE id = $id");
        _writeOutbox = Command("UPDATE runs SET outbox = $outbox WHERE id = $id");
    }

    /// <summary>Opens the file with its schema. Makes it and its directory where they are not there yet and <paramref name="create"/> allows it.</summary>
    public static RunTable Open(string file, bool create)
    {
        if (create)
        {
            DatabaseFile.Create(file);
        }

        // Not pooled: closing it must really close it, with whatever transaction failed on it.
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
            RunSchema.Configure(connection);
            return new RunTable(file, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Prepare() => RunSchema.Upgrade(_connection);

    /// <summary>Whether the file at the path is no longer the one that is open, or its write-ahead log is gone.</summary>
    public bool HasMoved => DatabaseFile.HasMoved(_connection) || !File.Exists(_file + "-wal");

    /// <summary>Writes what is there once more, so that the transaction has something to commit.</summary>
    public bool Touch()
    {
        using var read = Command("PRAGMA user_version");
        using var write = Command($"PRAGMA user_version = {Convert.ToInt32(read.ExecuteScalar(), CultureInfo.InvariantCulture)}");
        write.ExecuteNonQuery();
        return true;
    }

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>Returns when the transaction is on the disk.</summary>
    public void Commit() => _commit.ExecuteNonQuery();

    /// <returns>False when the id is taken.</returns>
    public bool Insert(RunRow row)
    {
        row.Bind(_insert);
        return _insert.ExecuteNonQuery() == 1 && Log(row.Run.Id, row.Run.RecentEvents);
    }

    /// <returns>False when the run is not there or not as it was read.</returns>
    public bool Replace(RunRow row, RunStamp read)
    {
        row.Bind(_replace);
        return Changes(_replace, read) && Log(row.Run.Id, row.Run.RecentEvents.FindAll(logged => logged.EventId > read.LatestEventId));
    }

    /// <returns>False when the run is not there or not as it was read.</returns>
    public bool Append(Run run, IReadOnlyList<RunEvent> events)
    {
        _append.Parameters.Clear();
        _append.Parameters.AddWithValue("$id", RunRow.Key(run.Id));
        _append.Parameters.AddWithValue("$latest_event_id", events[^1].EventId);
        _append.Parameters.AddWithValue("$latest_external_event_sequence", events.Max(logged => logged.ExternalSequence) ?? run.LatestExternalEventSequence);
        _append.Parameters.AddWithValue("$latest_event_at", events[^1].CreatedAt.ToUnixTimeMilliseconds());
        return Changes(_append, RunStamp.Of(run)) && Log(run.Id, events);
    }

    private static bool Changes(SqliteCommand command, RunStamp read)
    {
        command.Parameters.AddWithValue("$expected_version", read.Version);
        command.Parameters.AddWithValue("$expected_event_id", read.LatestEventId);
        return command.ExecuteNonQuery() == 1;
    }

    private bool Log(Guid run, IReadOnlyList<RunEvent> events)
    {
        foreach (var logged in events)
        {
            _log.Parameters.Clear();
            _log.Parameters.AddWithValue("$run", RunRow.Key(run));
            _log.Parameters.AddWithValue("$event_id", logged.EventId);
            _log.Parameters.AddWithValue("$event_type", logged.EventType);
            _log.Parameters.AddWithValue("$public", logged.Public);
            _log.Parameters.AddWithValue("$external_sequence", (object?)logged.ExternalSequence ?? DBNull.Value);
            _log.Parameters.AddWithValue("$created_at", logged.CreatedAt.ToUnixTimeMilliseconds());
            _log.Parameters.AddWithValue("$event", logged.Event.Text);
            _log.ExecuteNonQuery();
        }

        return true;
    }

    /// <summary>Takes messages out of a run's outbox. An outbox that is empty is NULL, which its index leaves out.</summary>
    public void ClearOutbox(SentMessages sent)
    {
        _readOutbox.Parameters.Clear();
        _readOutbox.Parameters.AddWithValue("$id", RunRow.Key(sent.RunId));
        if (_readOutbox.ExecuteScalar() is not string stored)
        {
            return;
        }

        var left = RunRow.ReadOutbox(stored).Where(message => !sent.MessageIds.Contains(message.MessageId)).ToList();
        _writeOutbox.Parameters.Clear();
        _writeOutbox.Parameters.AddWithValue("$id", RunRow.Key(sent.RunId));
        _writeOutbox.Parameters.AddWithValue("$outbox", (object?)RunRow.WriteOutbox(left) ?? DBNull.Value);
        _writeOutbox.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _insert, _replace, _append, _log, _readOutbox, _writeOutbox })
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every text is made of constants.")]
    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
