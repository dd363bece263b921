using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>The start of a process while MongoDB rejects indexes or is not the primary.</summary>
public sealed class MongoInitializationTests
{
    [Theory]
    [InlineData(10107, 86)]
    [InlineData(86, 13)]
    public async Task Index_creation_is_retried_after_any_server_error_and_each_failure_is_logged(int first, int then)
    {
        await using var application = new RecordingApplication();
        var tries = 0;
        application.MongoDb.Script = command => command.GetElement(0) == new BsonElement("createIndexes", "runs")
            ? Interlocked.Increment(ref tries) switch { <= 2 => ScriptedFault.Error(first), 3 => ScriptedFault.Error(then), _ => null }
            : null;

        await application.InitializeAsync(); // returns when the server is ready

        var failures = application.Logger.Entries
            .Where(entry => entry.Text.Contains("Failed to create the store's", StringComparison.Ordinal))
            .ToList();
        Assert.InRange(failures.Count, 2, 3); // the driver retries the first command once
        Assert.All(failures, failure => Assert.NotNull(failure.Cause));
        Assert.Contains(failures, failure => failure.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_missing_list_index_does_not_delay_readiness()
    {
        await using var application = new RecordingApplication();
        application.MongoDb.Script = command =>
            GetIndexes(command).Any(index => index["name"] == "project_id") ? ScriptedFault.Error(TransientErrorCodes.Interrupted) : null;

        await application.InitializeAsync();
        var failedCount = application.MongoDb.CountCommands("createIndexes");
        application.MongoDb.Script = null;

        await Eventually.Holds(() => Task.FromResult(application.MongoDb.CountCommands("createIndexes") > failedCount));
        await application.Client.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task Indexes_use_majority_commit_quorum_where_the_server_supports_it()
    {
        await using var server = new ScriptedMongoServer();
        server.Script = command =>
            command.Contains("commitQuorum") && command[0] == "run_events" ? ScriptedFault.Error(MongoErrorCodes.BadValue) : null;
        var store = ScriptedMongoServer.OpenStore(server.GetConnectionString());

        await store.Initialize(default);
        await store.CreateListIndexes(default);

        var quorums = server.Commands
            .Where(command => command.GetElement(0).Name == "createIndexes")
            .Select(command => command.GetValue("commitQuorum", "").AsString);
        Assert.Equal(["majority", "majority", "", "majority", "majority", "majority"], quorums);
    }

    [Fact]
    public async Task Index_names_and_definitions_are_the_approved_ones()
    {
        await using var server = new ScriptedMongoServer();
        var store = ScriptedMongoServer.OpenStore(server.GetConnectionString());

        await store.Initialize(default);
        await store.CreateListIndexes(default);

        // A server rejects a different definition under the same name, so a changed index needs a new name.
        Assert.Equal(
            [
                "parent_run_id: tenant 1, parent_run_id 1, created_at -1, _id -1; parent_run_id exists",
                "descendants_of_root: tenant 1, root_run_id 1, created_at 1, _id 1; parent_run_id exists",
                "due_in_order: due_at 1, _id 1, tenant 1; due_at exists",
                "outbox_by_tenant: tenant 1, _id 1; outbox.message_id exists",
                "embedded_events_by_tenant: tenant 1, _id 1; embedded_events.event_id exists",
                "claim: tenant 1, claim_pool 1, claim_rank 1, run_id 1; claim_pool exists",
                "claim_kind: tenant 1, claim_kind_pool 1, claim_rank 1, run_id 1; claim_kind_pool exists",
                "lease_owner: tenant 1, lease_owner 1, lease_instance 1; lease_owner exists",
                "schedule_id: tenant 1, schedule_id 1, status 1, created_at -1, _id -1; schedule_id exists",
                "log_chunks: tenant 1, run_id 1, first_event_id 1, last_event_id 1",
                "due_in_order: due_at 1, _id 1; due_at exists",
                "schedules_by_project: tenant 1, project_id 1, created_at -1, _id -1",
                "project_id: tenant 1, project_id 1, created_at -1, _id -1; project_id exists",
                "conversation_id: tenant 1, conversation_id 1, created_at -1, _id -1; conversation_id exists",
                "trigger.conversation_id: tenant 1, trigger.conversation_id 1, created_at -1, _id -1; trigger.conversation_id exists",
                "project_id: tenant 1, project_id 1, created_at -1, _id -1",
            ],
            server.Commands.SelectMany(GetIndexes).Select(index => Describe(index.AsBsonDocument)));

        static string Describe(BsonDocument index)
        {
            var keys = string.Join(", ", index["key"].AsBsonDocument.Select(key => $"{key.Name} {key.Value}"));
            if (!index.TryGetValue("partialFilterExpression", out var filter))
            {
                return $"{index["name"]}: {keys}";
            }

            var condition = Assert.Single(filter.AsBsonDocument);
            Assert.Equal(new BsonDocument("$exists", true), condition.Value);
            return $"{index["name"]}: {keys}; {condition.Name} exists";
        }
    }

    [Fact]
    public async Task A_member_that_is_not_the_primary_is_not_ready()
    {
        await using var server = new ScriptedMongoServer { IsWritablePrimary = false };
        var store = ScriptedMongoServer.OpenStore($"mongodb://{server.Address}/runs?directConnection=true");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Ping(default));

        server.IsWritablePrimary = true;
        await store.Ping(default);
    }

    private static BsonArray GetIndexes(BsonDocument command) => command.GetValue("indexes", new BsonArray()).AsBsonArray;

    private sealed class RecordingApplication() : ScriptedMongoApplication(isReplicaSet: true), IAsyncDisposable
    {
        public RecordingLogger Logger { get; } = new();

        protected override void ConfigureBuilder(WebApplicationBuilder builder) =>
            builder.Logging.AddProvider(new RecordingProvider(Logger));

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
