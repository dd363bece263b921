using MongoDB.Bson;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>The outcomes of concurrent appends when MongoDB does not say which of them it has executed.</summary>
public sealed class GroupedAppendTests
{
    private const int RunCount = 20;

    [Fact]
    public async Task Concurrent_appends_share_round_trips_and_need_no_other_call()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => AwaitAppends(command, allStarted);

        var appends = AppendToEach(store, runs);
        allStarted.Set();
        Assert.All(await appends, Assert.True);

        Assert.InRange(server.Commands.Count(IsAppend), 3, 4); // two with the first appends, then the others
        Assert.Equal(0, server.CountCommands("find"));
        await AssertLogs(store, runs, _ => 1);
    }

    [Fact]
    public async Task Each_append_of_a_group_with_changed_runs_gets_its_own_outcome()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var stale = runs.Where((_, index) => index % 4 == 3).ToList();
        foreach (var run in stale)
        {
            await store.TryAppend(run, [TestRuns.CreateEvent(1)], default);
        }

        var appended = await AppendToEach(store, runs);

        Assert.Equal(runs.Select(run => !stale.Contains(run)), appended);
        await AssertLogs(store, runs, _ => 1);
    }

    [Fact]
    public async Task An_append_whose_response_was_lost_is_executed_once()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var faults = 0;
        server.Script = command => IsAppend(command) && Interlocked.Increment(ref faults) == 1 ? ScriptedFault.LostResponse : null;

        Assert.All(await AppendToEach(store, runs), Assert.True);

        await AssertLogs(store, runs, _ => 1);
    }

    [Fact]
    public async Task An_append_whose_response_was_lost_by_a_standalone_server_has_an_unknown_outcome()
    {
        await using var server = new ScriptedMongoServer(isReplicaSet: false);
        var (store, runs) = await CreateRuns(server);
        server.Script = command => IsAppend(command) ? ScriptedFault.LostResponse : null;

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => AppendToEach(store, runs));

        Assert.False(exception.NothingWritten);
    }

    [Fact]
    public async Task Unconfirmed_appends_have_an_unknown_outcome()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        server.Script = command => IsAppend(command) ? ScriptedFault.Unconfirmed : null;

        var appends = runs.Select(run => store.TryAppend(run, [TestRuns.CreateEvent(1)], default)).ToList();

        foreach (var append in appends)
        {
            Assert.False((await Assert.ThrowsAsync<StoreUnavailableException>(() => append)).NothingWritten);
        }
    }

    [Fact]
    public async Task An_append_that_another_one_followed_before_its_outcome_was_read_is_unknown_and_never_rejected()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var (changed, followed) = (runs[^1], runs[^2]);
        await store.TryAppend(changed, [TestRuns.CreateEvent(1)], default);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => IsRead(command) ? ReplaceToken(followed) : AwaitAppends(command, allStarted);

        var appends = runs.Select(run => store.TryAppend(run, [TestRuns.CreateEvent(1)], default)).ToList();
        allStarted.Set(); // the last two are in one group: only a group with a changed run is read again

        Assert.False((await Assert.ThrowsAsync<StoreUnavailableException>(() => appends[^2])).NothingWritten);
        Assert.All(await Task.WhenAll(appends[..^2]), Assert.True);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => appends[^1]);
    }

    [Fact]
    public async Task An_append_that_the_server_rejects_does_not_fail_the_others()
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var rejected = new BsonBinaryData(runs[^1].Id, GuidRepresentation.Standard);
        server.Script = command => IsAppend(command) && command["updates"].AsBsonArray.Any(update => update["q"]["_id"] == rejected)
            ? ScriptedFault.Error(MongoErrorCodes.DocumentValidationFailure)
            : null;

        var appends = runs.Select(run => store.TryAppend(run, [TestRuns.CreateEvent(1)], default)).ToList();

        Assert.All(await Task.WhenAll(appends[..^1]), Assert.True);
        Assert.IsNotType<StoreUnavailableException>(await Record.ExceptionAsync(() => appends[^1]));
    }

    private static async Task<(IRunStore Store, List<Run> Runs)> CreateRuns(ScriptedMongoServer server)
    {
        var store = ScriptedMongoServer.OpenStore(server.GetConnectionString());
        await store.Ping(default);
        var runs = Enumerable.Range(0, RunCount).Select(_ => TestRuns.Create()).ToList();
        foreach (var run in runs)
        {
            Assert.True(await store.TryInsert(run, default));
        }

        return (store, runs);
    }

    private static Task<bool[]> AppendToEach(IRunStore store, List<Run> runs) =>
        Task.WhenAll(runs.Select(run => store.TryAppend(run, [TestRuns.CreateEvent(1)], default)));

    private static async Task AssertLogs(IRunStore store, List<Run> runs, Func<Run, int> getCount)
    {
        foreach (var run in runs)
        {
            var stored = (await store.Find(run.Id, default))!;
            Assert.Equal(getCount(run), stored.EmbeddedEvents.Count);
        }
    }

    // Holds the first groups back until all appends have been started, so that the others are one group.
    private static ScriptedFault? AwaitAppends(BsonDocument command, ManualResetEventSlim allStarted)
    {
        Assert.True(!IsAppend(command) || allStarted.Wait(TimeSpan.FromSeconds(10)));
        return null;
    }

    private static bool IsAppend(BsonDocument command) =>
        command.GetElement(0) == new BsonElement("update", "runs") && command["updates"][0]["u"].AsBsonDocument.Contains("$push");

    private static bool IsRead(BsonDocument command) =>
        command.GetElement(0) == new BsonElement("find", "runs") && command.Contains("projection");

    // The response as if the run had been appended to by another process.
    private static ScriptedFault ReplaceToken(Run run) => new(IsApplied: true, IsLost: false, response =>
    {
        var id = new BsonBinaryData(run.Id, GuidRepresentation.Standard);
        foreach (var document in response!["cursor"]["firstBatch"].AsBsonArray.Where(document => document["_id"] == id))
        {
            document["latest_append_token"] = new BsonBinaryData(RunIds.ForRun("other", "token"), GuidRepresentation.Standard);
        }

        return response;
    });
}
