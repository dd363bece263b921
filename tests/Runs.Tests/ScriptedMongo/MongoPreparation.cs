using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>How a process begins with a MongoDB that is away, refuses indexes, or is not the primary.</summary>
public sealed class MongoPreparation
{
    [Theory]
    [InlineData(10107, 86)]
    [InlineData(86, 13)]
    public async Task Indexes_are_tried_again_whatever_the_server_says_and_each_failure_is_logged_with_its_cause(int first, int then)
    {
        await using var stack = new PreparedStack();
        var tries = 0;
        stack.MongoDb.Script = command => command.GetElement(0) == new BsonElement("createIndexes", "runs")
            ? Interlocked.Increment(ref tries) switch { <= 2 => Fault.Refused(first), 3 => Fault.Refused(then), _ => null }
            : null;

        await stack.InitializeAsync(); // returns when the server is ready

        var failures = stack.Logger.Entries.Where(entry => entry.Text.Contains("are not made yet", StringComparison.Ordinal)).ToList();
        Assert.InRange(failures.Count, 2, 3); // the driver tries the first one twice
        Assert.All(failures, failure => Assert.NotNull(failure.Cause));
        Assert.Contains(failures, failure => failure.Level == LogLevel.Error);
    }

    [Fact]
    public async Task An_index_that_only_lists_need_does_not_hold_back_readiness()
    {
        await using var stack = new PreparedStack();
        stack.MongoDb.Script = command => IndexesOf(command).Any(index => index["name"] == "project_id") ? Fault.Refused(11601) : null;

        await stack.InitializeAsync();
        var refused = stack.MongoDb.Count("createIndexes");
        stack.MongoDb.Script = null;

        await Eventually.Holds(() => Task.FromResult(stack.MongoDb.Count("createIndexes") > refused));
        await stack.Client.Create(Calls.Task());
    }

    [Fact]
    public async Task Indexes_need_a_majority_only_and_a_server_that_does_not_know_the_option_gets_them_without()
    {
        await using var server = new ScriptedMongoServer();
        server.Script = command => command.Contains("commitQuorum") && command[0] == "run_events" ? Fault.Refused(MongoErrorCodes.BadValue) : null;
        var store = StoreOf(server.ConnectionString);

        await store.Prepare(default);
        await store.PrepareLists(default);

        var made = server.Commands.Where(command => command.GetElement(0).Name == "createIndexes").ToList();
        Assert.Equal(["majority", "majority", "", "majority"], made.Select(command => command.GetValue("commitQuorum", "").AsString));
    }

    [Fact]
    public async Task An_index_with_another_definition_has_another_name()
    {
        await using var server = new ScriptedMongoServer();
        var store = StoreOf(server.ConnectionString);

        await store.Prepare(default);
        await store.PrepareLists(default);

        // A server refuses a name with another definition for ever: what changes here gets a new name.
        var made = server.Commands.SelectMany(IndexesOf).Select(index => $"{index["name"]} {index["key"]} {index.AsBsonDocument.GetValue("partialFilterExpression", "")}");
        Assert.Equal(
            [
                "parent_run_id { \"tenant\" : 1, \"parent_run_id\" : 1, \"created_at\" : -1, \"_id\" : -1 } { \"parent_run_id\" : { \"$exists\" : true } }",
                "due_in_order { \"due_at\" : 1, \"_id\" : 1, \"tenant\" : 1 } { \"due_at\" : { \"$exists\" : true } }",
                "outbox_by_tenant { \"tenant\" : 1, \"_id\" : 1 } { \"outbox.message_id\" : { \"$exists\" : true } }",
                "recent_events_by_tenant { \"tenant\" : 1, \"_id\" : 1 } { \"recent_events.event_id\" : { \"$exists\" : true } }",
                "log { \"tenant\" : 1, \"run_id\" : 1, \"event_id\" : 1 } ",
                "project_id { \"tenant\" : 1, \"project_id\" : 1, \"created_at\" : -1, \"_id\" : -1 } { \"project_id\" : { \"$exists\" : true } }",
                "conversation_id { \"tenant\" : 1, \"conversation_id\" : 1, \"created_at\" : -1, \"_id\" : -1 } { \"conversation_id\" : { \"$exists\" : true } }",
                "trigger.conversation_id { \"tenant\" : 1, \"trigger.conversation_id\" : 1, \"created_at\" : -1, \"_id\" : -1 } { \"trigger.conversation_id\" : { \"$exists\" : true } }",
            ],
            made);
    }

    [Fact]
    public async Task A_member_that_is_not_the_primary_is_not_ready_however_it_answers()
    {
        await using var server = new ScriptedMongoServer { IsWritablePrimary = false };
        var store = StoreOf($"mongodb://{server.Address}/runs?directConnection=true");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));

        server.IsWritablePrimary = true;
        await store.Ping(default);
    }

    private static BsonArray IndexesOf(BsonDocument command) => command.GetValue("indexes", new BsonArray()).AsBsonArray;

    private static MongoRunStore StoreOf(string connectionString) => new(
        MongoRegistration.Database(new MongoClient(MongoRegistration.Settings(connectionString)), connectionString),
        new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);

    private sealed class PreparedStack() : ScriptedMongoStack(isReplicaSet: true), IAsyncDisposable
    {
        public RecordingLogger Logger { get; } = new();

        protected override void Adjust(WebApplicationBuilder builder) => builder.Logging.AddProvider(new RecordingProvider(Logger));

        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }

    private sealed class RecordingProvider(RecordingLogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
