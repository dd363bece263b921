using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>The table <c>runs</c> as its one writer sees it: a connection of its own, with statements that are compiled once.</summary>
internal sealed class RunTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _replace;
    private readonly SqliteCommand _readOutbox;
    private readonly SqliteCommand _writeOutbox;

    private RunTable(SqliteConnection connection)
    {
        _connection = connection;
        // Immediate: a transaction that begins as a reader cannot become a writer when another process has written meanwhile.
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command(
            $"INSERT INTO runs ({string.Join(", ", RunRow.Columns)}) VALUES ({string.Join(", ", RunRow.Columns.Select(column => "$" + column))}) "
            + "ON CONFLICT (id) DO NOTHING");
        _replace = Command(
            $"UPDATE runs SET {string.Join(", ", RunRow.Columns.Skip(1).Select(column => $"{column} = ${column}"))} "
            + "WHERE id = $id AND version = $expected_version");
        _readOutbox = Command("SELECT outbox FROM runs WHERE id = $id");
        _writeOutbox = Command("UPDATE runs SET outbox = $outbox WHERE id = $id");
    }

    /// <summary>Opens the file, and makes it and its directory where they are not there yet.</summary>
    public static RunTable Open(string file)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } directory)
        {
            Directory.CreateDirectory(directory);
        }

        // Not pooled: closing it must really close it, with whatever transaction failed on it.
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            connection.Open();
            RunSchema.Configure(connection);
            return new RunTable(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Prepare() => RunSchema.Upgrade(_connection);

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>Returns when the transaction is on the disk.</summary>
    public void Commit() => _commit.ExecuteNonQuery();

    /// <returns>False when the id is taken.</returns>
    public bool Insert(RunRow row)
    {
        row.Bind(_insert);
        return _insert.ExecuteNonQuery() == 1;
    }

    /// <returns>False when the run is not there or not at that version.</returns>
    public bool Replace(RunRow row, long expectedVersion)
    {
        row.Bind(_replace);
        _replace.Parameters.AddWithValue("$expected_version", expectedVersion);
        return _replace.ExecuteNonQuery() == 1;
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
        foreach (var command in new[] { _begin, _commit, _insert, _replace, _readOutbox, _writeOutbox })
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
