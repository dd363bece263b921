using System.Collections.Concurrent;
using MongoDB.Bson;
using Npgsql;

namespace Runs.DocumentDbGateway;

/// <summary>Executes commands: a few itself, the others with one statement of the engine each.</summary>
internal sealed class Commands(Engine engine)
{
    private static readonly byte[] Ok = new BsonDocument("ok", 1.0).ToBson();

    private readonly Transactions _transactions = new(engine);
    private readonly ConcurrentDictionary<long, byte[]> _continuations = new();

    public async Task<byte[]> Execute(Request request)
    {
        try
        {
            return request.Name switch
            {
                "hello" or "isMaster" or "ismaster" => Hello(),
                "ping" or "endSessions" => Ok,
                "buildInfo" or "buildinfo" => BuildInfo(),
                "killCursors" => await KillCursors(request),
                "commitTransaction" => await EndTransaction(request, commit: true),
                "abortTransaction" => await EndTransaction(request, commit: false),
                "getMore" => await GetMore(request),
                _ when Statements.ByCommand.TryGetValue(request.Name, out var statement) => await Run(request, statement),
                _ => Errors.Document(Errors.CommandNotFound, $"no such command: '{request.Name}'"),
            };
        }
        catch (PostgresException e)
        {
            return Errors.Document(e);
        }
        catch (NpgsqlException e)
        {
            return Errors.Document(Errors.ShutdownInProgress, e.Message);
        }
    }

    private async Task<byte[]> Run(Request request, string statement)
    {
        if (await RunStatement(request, statement, request.Documents) is not { } result)
        {
            return Errors.Document(Errors.NoSuchTransaction, "The session has no transaction in progress.");
        }

        if (result.Continuation is not null)
        {
            _continuations[result.CursorId] = result.Continuation;
        }

        return result.Succeeded ? result.Document : Errors.WithCodes(result.Document);
    }

    private async Task<byte[]> GetMore(Request request)
    {
        var cursor = request.First.ToInt64();
        if (!_continuations.TryRemove(cursor, out var continuation) ||
            await RunStatement(request, Statements.GetMore, continuation) is not { } result)
        {
            return Errors.Document(Errors.CursorNotFound, $"cursor id {cursor} not found");
        }

        if (result.Continuation is not null)
        {
            _continuations[cursor] = result.Continuation;
        }

        return result.Document;
    }

    /// <returns>Null when the command belongs to a transaction that is not there.</returns>
    private async Task<StatementResult?> RunStatement(Request request, string statement, ReadOnlyMemory<byte>? beside)
    {
        if (request.TransactionSession is not { } session)
        {
            return await engine.Run(statement, request.Database, request.Command(), beside);
        }

        var transaction = request.StartsTransaction ? await _transactions.Start(session) : _transactions.Of(session);
        if (transaction is null)
        {
            return null;
        }

        var succeeded = false;
        try
        {
            var result = await Engine.Run(transaction, statement, request.Database, request.Command(), beside);
            succeeded = result.Succeeded;
            return result;
        }
        finally
        {
            if (!succeeded)
            {
                // As in MongoDB: an error of any command ends the transaction.
                await _transactions.End(session, commit: false);
            }
        }
    }

    private async Task<byte[]> EndTransaction(Request request, bool commit) =>
        request.TransactionSession is { } session && await _transactions.End(session, commit)
            ? Ok
            : Errors.Document(Errors.NoSuchTransaction, "The session has no transaction in progress.");

    private async Task<byte[]> KillCursors(Request request)
    {
        var cursors = request["cursors"].AsBsonArray.Select(cursor => cursor.ToInt64()).ToArray();
        foreach (var cursor in cursors)
        {
            _continuations.TryRemove(cursor, out _);
        }

        await engine.KillCursors(cursors);
        return new BsonDocument
        {
            { "cursorsKilled", new BsonArray(cursors) },
            { "cursorsNotFound", new BsonArray() },
            { "cursorsAlive", new BsonArray() },
            { "cursorsUnknown", new BsonArray() },
            { "ok", 1.0 },
        }.ToBson();
    }

    /// <summary>
    /// A driver takes this for a router of a sharded cluster: sessions and transactions, and no replica set to
    /// discover.
    /// </summary>
    private static byte[] Hello() => new BsonDocument
    {
        { "ismaster", true },
        { "isWritablePrimary", true },
        { "msg", "isdbgrid" },
        { "helloOk", true },
        { "maxBsonObjectSize", 16 * 1024 * 1024 },
        { "maxMessageSizeBytes", 48_000_000 },
        { "maxWriteBatchSize", 25_000 }, // the engine's own limit
        { "localTime", new BsonDateTime(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) },
        { "logicalSessionTimeoutMinutes", 30 },
        { "minWireVersion", 0 },
        { "maxWireVersion", 21 },
        { "readOnly", false },
        { "ok", 1.0 },
    }.ToBson();

    private static byte[] BuildInfo() => new BsonDocument
    {
        { "version", "7.0.0" },
        { "versionArray", new BsonArray { 7, 0, 0, 0 } },
        { "maxBsonObjectSize", 16 * 1024 * 1024 },
        { "ok", 1.0 },
    }.ToBson();
}
