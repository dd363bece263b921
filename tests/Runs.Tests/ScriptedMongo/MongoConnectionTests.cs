using Microsoft.Extensions.Logging;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>Errors of a connection string that does not match the servers say how to correct it.</summary>
public sealed class MongoConnectionTests
{
    private readonly RecordingLogger<MongoRunStore> _logger = new();

    [Fact]
    public async Task Unreachable_replica_set_members_are_named_in_the_error()
    {
        await using var server = new ScriptedMongoServer { AnnouncedMembers = ["127.0.0.1:1", "localhost:1"] };

        var message = await GetFailure($"mongodb://{server.Address}/runs");

        Assert.StartsWith(
            "The replica set announces the members 127.0.0.1:1, localhost:1, which cannot be reached from here.",
            message,
            StringComparison.Ordinal);
        Assert.Contains("directConnection=true", message, StringComparison.Ordinal);
        await OpenStore($"mongodb://{server.Address}/runs?directConnection=true").Ping(default);
    }

    [Fact]
    public async Task A_replica_set_name_mismatch_is_named_in_the_error()
    {
        await using var server = new ScriptedMongoServer();

        var message = await GetFailure($"mongodb://{server.Address}/runs?replicaSet=production");

        Assert.StartsWith(
            "No server that the connection string names is a member of the replica set 'production'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/runs", true)]
    [InlineData("/runs?authMechanism=SCRAM-SHA-256", true)]
    [InlineData("/runs?authSource=admin", false)]
    [InlineData("/admin", false)]
    [InlineData("", false)]
    public async Task A_failed_authentication_suggests_authSource_when_the_string_names_a_database(string rest, bool isAdvised)
    {
        await using var server = new ScriptedMongoServer(isReplicaSet: false);
        server.Script = command => command.Contains("saslStart") ? ScriptedFault.Error(MongoErrorCodes.AuthenticationFailed) : null;

        var message = await GetFailure($"mongodb://user:s3cr+t@{server.Address}{(rest.Length == 0 ? "/" : rest)}");

        Assert.Equal(isAdvised, message.StartsWith("The user is looked up in the database 'runs'", StringComparison.Ordinal));
        Assert.Equal(isAdvised, message.Contains("add authSource=admin", StringComparison.Ordinal));
        Assert.Contains(_logger.Entries, entry => entry.Level == LogLevel.Critical && entry.Cause!.Message == message);
        Assert.DoesNotContain(_logger.Entries, entry => $"{entry.Text}{entry.Cause}".Contains("s3cr+t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unreachable_server_causes_no_advice()
    {
        foreach (var options in new[] { "", "?replicaSet=rs0" })
        {
            var message = await GetFailure($"mongodb://127.0.0.1:1/runs{options}");

            Assert.StartsWith("MongoDB did not execute the call", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_direct_connection_to_a_multi_member_set_is_warned_about_once()
    {
        await using var server = new ScriptedMongoServer { AnnouncedMembers = ["one:27017", "two:27017"] };
        var store = OpenStore($"mongodb://{server.Address}/runs?directConnection=true");

        await store.Ping(default);
        await store.Ping(default);

        var (level, text, _) = Assert.Single(_logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith(
            "ConnectionStrings:MongoDb: directConnection=true uses one member of the replica set rs0 only",
            text,
            StringComparison.Ordinal);
        Assert.Contains("mongodb://one:27017,two:27017/?replicaSet=rs0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_direct_connection_to_a_single_member_causes_no_warning()
    {
        await using var server = new ScriptedMongoServer { AnnouncedMembers = ["mongodb:27017"] };

        await OpenStore($"mongodb://{server.Address}/runs?directConnection=true").Ping(default);

        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public async Task A_direct_connection_to_a_secondary_is_named_in_the_error()
    {
        await using var server = new ScriptedMongoServer { IsWritablePrimary = false, AnnouncedMembers = ["one:27017", "two:27017"] };

        var message = await GetFailure($"mongodb://{server.Address}/runs?directConnection=true");

        Assert.StartsWith(
            "The MongoDB server one:27017 responds, but is not a primary that accepts writes", message, StringComparison.Ordinal);
        Assert.EndsWith("directConnection=true uses that server only.", message, StringComparison.Ordinal);
    }

    /// <summary>The driver discovers the other members from the one that the string names.</summary>
    [Fact]
    public async Task A_failover_is_followed_when_the_string_names_one_host()
    {
        await using var other = new ScriptedMongoServer { IsWritablePrimary = false };
        await using var named = new ScriptedMongoServer { AnnouncedMembers = [] };
        (named.AnnouncedMembers, other.AnnouncedMembers) = ([named.Address, other.Address], [other.Address, named.Address]);
        var store = OpenStore($"mongodb://{named.Address}/runs?heartbeatIntervalMS=500");
        await store.Ping(default);

        (named.IsWritablePrimary, other.IsWritablePrimary) = (false, true);

        await Eventually.Succeeds(() => store.Ping(default));
    }

    [Fact]
    public async Task A_ping_does_not_wait_for_connections_in_use()
    {
        await using var server = new ScriptedMongoServer();
        using var released = new ManualResetEventSlim();
        server.Script = command =>
        {
            if (command.Contains("find"))
            {
                released.Wait();
            }

            return null;
        };
        var store = OpenStore($"mongodb://{server.Address}/runs?maxPoolSize=1&socketTimeoutMS=600000");
        var read = store.Find(default, default);
        await Eventually.Holds(() => Task.FromResult(server.CountCommands("find") == 1));

        await store.Ping(default).WaitAsync(Eventually.Timeout);

        released.Set();
        Assert.Null(await read);
    }

    private async Task<string> GetFailure(string connectionString) =>
        (await Assert.ThrowsAsync<StoreUnavailableException>(
            () => OpenStore(connectionString, serverSelectionMs: 2000).Ping(default))).Message;

    private ExceptionTranslatingRunStore OpenStore(string connectionString, int serverSelectionMs = 5000)
    {
        connectionString += connectionString.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        connectionString += $"serverSelectionTimeoutMS={serverSelectionMs}";
        return ScriptedMongoServer.OpenStore(connectionString, _logger);
    }
}
