using MongoDB.Bson;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// The outcomes of concurrent appends, and of concurrent replaces, when MongoDB does not say which of them it has
/// executed.
/// </summary>
public sealed class GroupedUpdateTests
{
    private const int RunCount = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Concurrent_updates_share_round_trips_and_need_no_other_call(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => AwaitUpdates(command, allStarted);

        var updates = UpdateEach(store, runs, isReplace);
        allStarted.Set();
        Assert.All(await updates, Assert.True);

        Assert.InRange(server.Commands.Count(IsUpdate), 3, 4); // two with the first updates, then the others
        Assert.Equal(0, server.CountCommands("find"));
        await AssertUpdatedOnce(store, runs, isReplace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_update_of_a_group_with_changed_runs_gets_its_own_outcome(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var stale = runs.Where((_, index) => index % 4 == 3).ToList();
        foreach (var run in stale)
        {
            await store.TryAppend(run, [TestRuns.CreateEvent(1)], default);
        }

        var updated = await UpdateEach(store, runs, isReplace);

        Assert.Equal(runs.Select(run => !stale.Contains(run)), updated);
        await AssertUpdatedOnce(store, runs, isReplace, stale);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_whose_response_was_lost_is_executed_once(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var faults = 0;
        server.Script = command => IsUpdate(command) && Interlocked.Increment(ref faults) == 1 ? ScriptedFault.LostResponse : null;

        Assert.All(await UpdateEach(store, runs, isReplace), Assert.True);

        await AssertUpdatedOnce(store, runs, isReplace);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_whose_response_was_lost_by_a_standalone_server_has_an_unknown_outcome(bool isReplace)
    {
        await using var server = new ScriptedMongoServer(isReplicaSet: false);
        var (store, runs) = await CreateRuns(server);
        server.Script = command => IsUpdate(command) ? ScriptedFault.LostResponse : null;

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => UpdateEach(store, runs, isReplace));

        Assert.False(exception.NothingWritten);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unconfirmed_updates_have_an_unknown_outcome(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        server.Script = command => IsUpdate(command) ? ScriptedFault.Unconfirmed : null;

        var updates = runs.Select(run => Update(store, run, isReplace)).ToList();

        foreach (var update in updates)
        {
            Assert.False((await Assert.ThrowsAsync<StoreUnavailableException>(() => update)).NothingWritten);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_that_another_one_followed_before_its_outcome_was_read_is_known_if_the_others_are(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var (changed, followed) = (runs[^1], runs[^2]);
        await store.TryAppend(changed, [TestRuns.CreateEvent(1)], default);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => IsRead(command) ? ShowAsFollowed(followed) : AwaitUpdates(command, allStarted);

        var updates = runs.Select(run => Update(store, run, isReplace)).ToList();
        allStarted.Set(); // the last two are in one group: only a group with a changed run is read again

        var outcomes = await Task.WhenAll(updates);
        Assert.Equal(runs.Select(run => run != changed), outcomes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Updates_that_others_followed_before_their_outcomes_were_read_are_unknown_and_never_rejected(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var (changed, followed) = (runs[^1], runs[^2]);
        await store.TryAppend(changed, [TestRuns.CreateEvent(1)], default);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => IsRead(command) ? ShowAsFollowed(followed, changed) : AwaitUpdates(command, allStarted);

        var updates = runs.Select(run => Update(store, run, isReplace)).ToList();
        allStarted.Set();

        Assert.False((await Assert.ThrowsAsync<StoreUnavailableException>(() => updates[^2])).NothingWritten);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => updates[^1]);
        Assert.All(await Task.WhenAll(updates[..^2]), Assert.True);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Updates_whose_outcomes_were_read_in_an_older_state_are_unknown_and_never_rejected(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var (changed, executed) = (runs[^1], runs[^2]);
        await store.TryAppend(changed, [TestRuns.CreateEvent(1)], default);
        using var allStarted = new ManualResetEventSlim();
        server.Script = command => IsRead(command) ? ShowAsBefore(executed, changed) : AwaitUpdates(command, allStarted);

        var updates = runs.Select(run => Update(store, run, isReplace)).ToList();
        allStarted.Set();

        Assert.False((await Assert.ThrowsAsync<StoreUnavailableException>(() => updates[^2])).NothingWritten);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => updates[^1]);
        Assert.All(await Task.WhenAll(updates[..^2]), Assert.True);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_update_that_the_server_rejects_does_not_fail_the_others(bool isReplace)
    {
        await using var server = new ScriptedMongoServer();
        var (store, runs) = await CreateRuns(server);
        var rejected = new BsonBinaryData(runs[^1].Id, GuidRepresentation.Standard);
        server.Script = command => IsUpdate(command) && command["updates"].AsBsonArray.Any(update => update["q"]["_id"] == rejected)
            ? ScriptedFault.Error(MongoErrorCodes.DocumentValidationFailure)
            : null;

        var updates = runs.Select(run => Update(store, run, isReplace)).ToList();

        Assert.All(await Task.WhenAll(updates[..^1]), Assert.True);
        Assert.IsNotType<StoreUnavailableException>(await Record.ExceptionAsync(() => updates[^1]));
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

    private static Task<bool[]> UpdateEach(IRunStore store, List<Run> runs, bool isReplace) =>
        Task.WhenAll(runs.Select(run => Update(store, run, isReplace)));

    private static Task<bool> Update(IRunStore store, Run run, bool isReplace)
    {
        if (!isReplace)
        {
            return store.TryAppend(run, [TestRuns.CreateEvent(1)], default);
        }

        return store.TryReplace(run.NextVersion(_ => { }), RunVersion.From(run), default);
    }

    /// <summary>Asserts that each run was updated once: a stale one by an append before.</summary>
    private static async Task AssertUpdatedOnce(IRunStore store, List<Run> runs, bool isReplace, List<Run>? stale = null)
    {
        foreach (var run in runs)
        {
            var stored = (await store.Find(run.Id, default))!;
            var isReplaced = isReplace && stale?.Contains(run) != true;
            Assert.Equal((run.Version + (isReplaced ? 1 : 0), isReplaced ? 0 : 1), (stored.Version, stored.EmbeddedEvents.Count));
        }
    }

    // Holds the first groups back until all updates have been started, so that the others are one group.
    private static ScriptedFault? AwaitUpdates(BsonDocument command, ManualResetEventSlim allStarted)
    {
        Assert.True(!IsUpdate(command) || allStarted.Wait(TimeSpan.FromSeconds(10)));
        return null;
    }

    private static bool IsUpdate(BsonDocument command) =>
        command.GetElement(0) == new BsonElement("update", "runs");

    private static bool IsRead(BsonDocument command) =>
        command.GetElement(0) == new BsonElement("find", "runs") && command.Contains("projection");

    // The response as if another process had changed the runs after the update.
    private static ScriptedFault ShowAsFollowed(params Run[] runs) => Show(runs, (run, document) =>
    {
        document["latest_write_token"] = new BsonBinaryData(RunIds.ForRun("other", "token"), GuidRepresentation.Standard);
        document["version"] = run.Version + 2;
    });

    // The response of a former primary, which does not have the update.
    private static ScriptedFault ShowAsBefore(params Run[] runs) => Show(runs, (run, document) =>
    {
        document["latest_write_token"] = BsonNull.Value;
        document["version"] = run.Version;
        document["latest_event_id"] = run.LatestEventId;
    });

    private static ScriptedFault Show(Run[] runs, Action<Run, BsonValue> change) => new(IsApplied: true, IsLost: false, response =>
    {
        var byId = runs.ToDictionary(run => new BsonBinaryData(run.Id, GuidRepresentation.Standard));
        foreach (var document in response!["cursor"]["firstBatch"].AsBsonArray)
        {
            if (byId.TryGetValue(document["_id"].AsBsonBinaryData, out var run))
            {
                change(run, document);
            }
        }

        return response;
    });
}
