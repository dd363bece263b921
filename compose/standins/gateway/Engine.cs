using System.Buffers.Binary;
using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Runs.DocumentDbGateway;

/// <summary>The PostgreSQL with the DocumentDB extension behind the gateway.</summary>
internal sealed class Engine(string connectionString) : IAsyncDisposable
{
    /// <summary>
    /// How often a statement with a write conflict is tried again. A MongoDB server does the same without an error.
    /// </summary>
    private const int Attempts = 100;

    private readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = 250, // PostgreSQL is configured for 300
        MaxAutoPrepare = 64,
        AutoPrepareMinUsages = 2,
        NoResetOnClose = true, // no statement leaves anything behind in its connection
        CommandTimeout = 0,
    }.ConnectionString).Build();

    /// <summary>Loads the extension's libraries once, so that the first client does not wait for it.</summary>
    public async Task Warm()
    {
        await using var command = _source.CreateCommand("SELECT documentdb_api.binary_version()");
        await command.ExecuteScalarAsync();
    }

    /// <summary>Runs a statement by itself: what it wrote is durable when this returns.</summary>
    public async Task<StatementResult> Run(string statement, string database, byte[] command, ReadOnlyMemory<byte>? beside)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync();
                await using var transaction = AreSeveral(beside) ? await connection.BeginTransactionAsync() : null;
                await using var run = new NpgsqlCommand(statement, connection, transaction);
                var result = await Run(run, database, command, beside);
                if (transaction is not null)
                {
                    if (!result.Succeeded && Errors.HasWriteConflict(result.Document) && attempt < Attempts)
                    {
                        continue; // disposing the transaction undoes it
                    }

                    await transaction.CommitAsync();
                }

                return result;
            }
            catch (PostgresException e) when (Errors.IsWriteConflict(e) && attempt < Attempts)
            {
                // Everything was undone. The statement is executed again on the data of the other transaction.
            }
        }
    }

    /// <summary>Runs a statement as part of a client's transaction.</summary>
    public static async Task<StatementResult> Run(
        NpgsqlTransaction transaction, string statement, string database, byte[] command, ReadOnlyMemory<byte>? beside)
    {
        await using var run = new NpgsqlCommand(statement, transaction.Connection, transaction);
        return await Run(run, database, command, beside);
    }

    /// <summary>
    /// Begins a transaction that reads from one snapshot and cannot write what changed since, as MongoDB's
    /// transactions.
    /// </summary>
    public async Task<NpgsqlTransaction> Begin()
    {
        var connection = await _source.OpenConnectionAsync();
        return await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
    }

    public async Task KillCursors(long[] cursors)
    {
        await using var command = _source.CreateCommand("SELECT documentdb_api_internal.delete_cursors($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = cursors, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>
    /// Several writes in one command can conflict with another such command. The extension then reports those writes as
    /// failed and keeps the others. MongoDB never does that, so they run in a transaction that is rolled back as a
    /// whole.
    /// </summary>
    private static bool AreSeveral(ReadOnlyMemory<byte>? documents) =>
        documents is { } bytes && BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) < bytes.Length;

    private static async Task<StatementResult> Run(NpgsqlCommand run, string database, byte[] command, ReadOnlyMemory<byte>? beside)
    {
        run.Parameters.Add(new NpgsqlParameter<string> { TypedValue = database, NpgsqlDbType = NpgsqlDbType.Text });
        run.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = command, NpgsqlDbType = NpgsqlDbType.Bytea });
        run.Parameters.Add(beside is { } bytes
            ? new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea }
            : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });

        await using var reader = await run.ExecuteReaderAsync(CommandBehavior.SequentialAccess | CommandBehavior.SingleRow);
        await reader.ReadAsync();
        return new StatementResult(
            await reader.GetFieldValueAsync<byte[]>(0),
            await reader.IsDBNullAsync(1) ? null : await reader.GetFieldValueAsync<byte[]>(1),
            await reader.IsDBNullAsync(2) ? 0 : await reader.GetFieldValueAsync<long>(2),
            await reader.GetFieldValueAsync<bool>(3));
    }
}
