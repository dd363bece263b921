using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// One SQLite file, which the stores of runs and of API keys share. Writes go through <see cref="SqliteWriter"/> and
/// are on the disk when they return. Reads use pooled connections and see every write that has returned. Both detect
/// that the file was removed or replaced, and then use the file at the path. Several processes on one machine may share
/// the file.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly string _readerConnectionString;
    private readonly SqliteWriter _writer;
    private volatile bool _disposed;

    public SqliteDatabase(string file)
    {
        _readerConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite, // readers of a write-ahead log must be able to write to its shared index
            DefaultTimeout = 5,
        }.ToString();
        _writer = new SqliteWriter(file, CloseReaders);
    }

    /// <summary>
    /// Reads the result of a query. SQLite reads from its cache in microseconds, so the query runs on the caller's
    /// thread, which is cheaper than a thread switch.
    /// </summary>
    /// <returns>A completed task.</returns>
    public Task<T> Read<T>(
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        Func<SqliteDataReader, T> read,
        CancellationToken cancellationToken)
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
            return Task.FromResult(Read(sql, parameters, read));
        }
        catch (Exception exception) when (SqliteExceptionTranslator.IsTransient(exception))
        {
            return Task.FromException<T>(exception);
        }
    }

    /// <inheritdoc cref="SqliteWriter.Execute"/>
    public Task<T> Write<T>(Func<SqliteRunCommands, T> work, CancellationToken cancellationToken) =>
        _writer.Execute(work, cancellationToken);

    /// <summary>Returns when the file can be read and written.</summary>
    public async Task Ping(CancellationToken cancellationToken)
    {
        // The schema version is in the file header, so this query reads the file.
        await Read("PRAGMA user_version", [], reader => reader.Read(), cancellationToken);
        await _writer.Ping(cancellationToken);
    }

    /// <summary>Completes the queued writes. Later calls throw <see cref="StoreUnavailableException"/>.</summary>
    public void Dispose()
    {
        _disposed = true;
        _writer.Dispose();
        CloseReaders();
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every SQL text consists of constants.")]
    private T Read<T>(string sql, IReadOnlyList<(string Name, object? Value)> parameters, Func<SqliteDataReader, T> read)
    {
        using var connection = new SqliteConnection(_readerConnectionString);
        connection.Open();
        if (DatabaseFile.HasMoved(connection))
        {
            CloseReaders();
            throw DatabaseFile.CreateMovedException();
        }

        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        using var reader = command.ExecuteReader();
        return read(reader);
    }

    private void CloseReaders()
    {
        using var reader = new SqliteConnection(_readerConnectionString);
        SqliteConnection.ClearPool(reader);
    }
}
