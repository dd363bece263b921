using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// A server that speaks MongoDB's wire protocol, as the primary of a replica set or as a standalone server, and stores
/// documents in memory. A test can script its faults: those of a real replica set in an election, a step-down or a lost
/// connection, at an exact point.
/// </summary>
public sealed class ScriptedMongoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<BsonDocument> _commands = new();
    private readonly ScriptedDatabase _database = new();
    private readonly Task _accepting;

    public ScriptedMongoServer(bool isReplicaSet = true)
    {
        IsReplicaSet = isReplicaSet;
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Whether the server is a member of a replica set.</summary>
    public bool IsReplicaSet { get; }

    /// <summary>False during an election: the server responds, but does not accept writes.</summary>
    public bool IsWritablePrimary { get; set; } = true;

    /// <summary>The members that the server announces; null for its own address only.</summary>
    public IReadOnlyList<string>? AnnouncedMembers { get; set; }

    /// <summary>Returns the fault of a command, or null.</summary>
    public Func<BsonDocument, ScriptedFault?>? Script { get; set; }

    /// <summary>The received commands, except the driver's own.</summary>
    public IReadOnlyList<BsonDocument> Commands => [.. _commands];

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Returns the connection string; a call fails when there is no server for this time.</summary>
    public string GetConnectionString(int serverSelectionMs = 10_000) =>
        $"mongodb://{Address}/runs?serverSelectionTimeoutMS={serverSelectionMs}{(IsReplicaSet ? "&replicaSet=rs0" : "")}";

    /// <summary>Returns how many commands of this name were received.</summary>
    public int CountCommands(string name) => _commands.Count(command => command.GetElement(0).Name == name);

    /// <summary>Opens a store as a server does.</summary>
    internal static ExceptionTranslatingRunStore OpenStore(string connectionString, ILogger<MongoRunStore>? logger = null)
    {
        var settings = MongoServiceCollectionExtensions.CreateSettings(connectionString);
        var database = MongoServiceCollectionExtensions.GetDatabase(new MongoClient(settings), connectionString);
        var availability = new StoreAvailability();
        logger ??= NullLogger<MongoRunStore>.Instance;
        return new ExceptionTranslatingRunStore(
            new MongoRunStore(database, availability, TimeProvider.System, logger),
            MongoExceptionTranslator.Create(database, availability, TimeProvider.System, logger));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            _ = Serve(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await WireMessage.Read(stream, _stopping.Token) is { } message)
                {
                    if (Respond(message.Command) is not { } response)
                    {
                        return; // closes the connection
                    }

                    await message.Reply(stream, response, _stopping.Token);
                }
            }
            catch (Exception exception)
                when (exception is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The client or this server closed the connection.
            }
        }
    }

    private BsonDocument? Respond(BsonDocument command)
    {
        var name = command.GetElement(0).Name;
        if (name is "hello" or "isMaster" or "ismaster")
        {
            return Hello();
        }

        _commands.Enqueue(command);
        var fault = Script?.Invoke(command);
        if (fault is null && !IsWritablePrimary && name is not "endSessions")
        {
            fault = ScriptedFault.Error(TransientErrorCodes.NotWritablePrimary);
        }

        if (fault is null)
        {
            return _database.Execute(command);
        }

        var response = fault.IsApplied ? _database.Execute(command) : null;
        return fault.IsLost ? null : fault.ChangeResponse(response);
    }

    private BsonDocument Hello()
    {
        var hello = new BsonDocument
        {
            { "isWritablePrimary", IsWritablePrimary },
            { "ismaster", IsWritablePrimary },
            { "helloOk", true },
            { "maxBsonObjectSize", 16 * 1024 * 1024 },
            { "maxMessageSizeBytes", 48_000_000 },
            { "maxWriteBatchSize", 100_000 },
            { "logicalSessionTimeoutMinutes", 30 },
            { "minWireVersion", 0 },
            { "maxWireVersion", 25 },
            { "readOnly", false },
            { "ok", 1 },
        };
        if (IsReplicaSet)
        {
            hello.AddRange(new BsonDocument
            {
                { "setName", "rs0" },
                { "setVersion", 1 },
                { "secondary", !IsWritablePrimary },
                { "hosts", new BsonArray(AnnouncedMembers ?? [Address]) },
                { "me", AnnouncedMembers?[0] ?? Address },
                { "electionId", new ObjectId("7fffffff0000000000000001") },
            });
        }

        return hello;
    }
}
