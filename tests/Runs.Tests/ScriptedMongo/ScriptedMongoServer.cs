using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MongoDB.Bson;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// A server that speaks MongoDB's wire protocol as the primary of a replica set or as a standalone server, keeps documents in memory, and goes wrong when a test says so: what a
/// real replica set does in an election, a step-down or a lost connection, at the moment that the test wants.
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

    /// <summary>Whether it is the primary of a replica set.</summary>
    public bool IsReplicaSet { get; }

    /// <summary>False during an election: it answers, and takes no writes.</summary>
    public bool IsWritablePrimary { get; set; } = true;

    /// <summary>The names of the members that it announces; its own address unless a test says otherwise.</summary>
    public IReadOnlyList<string>? AnnouncedMembers { get; set; }

    /// <summary>What goes wrong with a command; null when nothing does.</summary>
    public Func<BsonDocument, ScriptedFault?>? Script { get; set; }

    /// <summary>What was asked, but for what drivers ask on their own.</summary>
    public IReadOnlyList<BsonDocument> Commands => [.. _commands];

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public string ConnectionString => $"mongodb://{Address}/runs?serverSelectionTimeoutMS=500{(IsReplicaSet ? "&replicaSet=rs0" : "")}";

    /// <summary>How often a command was asked.</summary>
    public int CountCommands(string command) => _commands.Count(asked => asked.GetElement(0).Name == command);

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
                    if (Respond(message.Command) is not { } answer)
                    {
                        return; // the answer is lost with the connection
                    }

                    await message.Reply(stream, answer, _stopping.Token);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // So is the caller, or this server.
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
        var fault = Script?.Invoke(command) ?? (IsWritablePrimary || name is "endSessions" ? null : ScriptedFault.Error(10107));
        if (fault is null)
        {
            return _database.Execute(command);
        }

        var answer = fault.IsApplied ? _database.Execute(command) : null;
        return fault.IsLost ? null : fault.ChangeResponse(answer);
    }

    private BsonDocument Hello()
    {
        var hello = new BsonDocument
        {
            { "isWritablePrimary", IsWritablePrimary }, { "ismaster", IsWritablePrimary }, { "helloOk", true }, { "maxBsonObjectSize", 16 * 1024 * 1024 },
            { "maxMessageSizeBytes", 48_000_000 }, { "maxWriteBatchSize", 100_000 }, { "logicalSessionTimeoutMinutes", 30 }, { "minWireVersion", 0 },
            { "maxWireVersion", 25 }, { "readOnly", false }, { "ok", 1 },
        };
        if (IsReplicaSet)
        {
            hello.AddRange(new BsonDocument
            {
                { "setName", "rs0" }, { "setVersion", 1 }, { "secondary", !IsWritablePrimary }, { "hosts", new BsonArray(AnnouncedMembers ?? [Address]) },
                { "me", AnnouncedMembers?[0] ?? Address }, { "electionId", new ObjectId("7fffffff0000000000000001") },
            });
        }

        return hello;
    }
}
