using MongoDB.Bson;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>Inserts and reads within one scope are sent in one call.</summary>
public sealed class GatheredCallTests(ScriptedReplicaSetApplication application) : IClassFixture<ScriptedReplicaSetApplication>
{
    [Fact]
    public async Task Inserts_of_one_scope_are_sent_in_one_call_at_its_end()
    {
        var before = InsertSizes().Count;
        List<Task<bool>> inserts;
        using (application.Store.GatherCalls())
        {
            inserts = [.. Enumerable.Range(0, 3).Select(_ => application.Store.TryInsert(TestRuns.Create(), default))];
            Assert.Equal(before, InsertSizes().Count);
        }

        Assert.All(await Task.WhenAll(inserts), Assert.True);
        Assert.Equal([3], InsertSizes().Skip(before));
    }

    [Fact]
    public async Task Reads_of_one_scope_are_sent_in_one_call_and_each_gets_its_run()
    {
        Run[] runs = [TestRuns.Create(), TestRuns.Create()];
        foreach (var run in runs)
        {
            await application.Store.TryInsert(run, default);
        }

        List<Task<Run?>> reads;
        using (application.Store.GatherCalls())
        {
            reads = [.. runs.Append(TestRuns.Create()).Select(run => application.Store.Find(run.Id, default))];
            Assert.Equal(0, CountReads(runs[0]));
        }

        var found = await Task.WhenAll(reads);
        Assert.Equal([runs[0].Id, runs[1].Id, null], found.Select(run => run?.Id));
        Assert.Equal((1, 1), (CountReads(runs[0]), CountReads(runs[1])));
    }

    [Fact]
    public async Task Two_reads_of_one_run_in_one_scope_get_different_instances()
    {
        var run = TestRuns.Create();
        await application.Store.TryInsert(run, default);
        List<Task<Run?>> reads;
        using (application.Store.GatherCalls())
        {
            reads = [application.Store.Find(run.Id, default), application.Store.Find(run.Id, default)];
        }

        var found = await Task.WhenAll(reads);
        Assert.Equal([run.Id, run.Id], found.Select(one => one?.Id));
        Assert.NotSame(found[0], found[1]);
    }

    [Fact]
    public async Task A_run_that_cannot_be_read_does_not_fail_the_other_reads_of_its_call()
    {
        var (unreadable, run) = (TestRuns.Create(), TestRuns.Create());
        await application.Store.TryInsert(unreadable, default);
        await application.Store.TryInsert(run, default);
        var id = new BsonBinaryData(unreadable.Id, GuidRepresentation.Standard);
        application.MongoDb.Script = command => command.Contains("find")
            ? new ScriptedFault(IsApplied: true, IsLost: false, response => MakeUnreadable(response!, id))
            : null;
        try
        {
            Task<Run?> fails, succeeds;
            using (application.Store.GatherCalls())
            {
                (fails, succeeds) = (application.Store.Find(unreadable.Id, default), application.Store.Find(run.Id, default));
            }

            await Assert.ThrowsAnyAsync<FormatException>(() => fails);
            Assert.Equal(run.Id, (await succeeds)!.Id);
        }
        finally
        {
            application.MongoDb.Script = null;
        }
    }

    [Fact]
    public async Task The_end_of_one_scope_does_not_wait_for_another()
    {
        using (application.Store.GatherCalls())
        {
            Task<bool> insert;
            using (application.Store.GatherCalls())
            {
                insert = application.Store.TryInsert(TestRuns.Create(), default);
            }

            Assert.True(await insert.WaitAsync(Eventually.Timeout));
        }
    }

    private static BsonDocument MakeUnreadable(BsonDocument response, BsonBinaryData id)
    {
        foreach (var document in response["cursor"]["firstBatch"].AsBsonArray.Where(document => document["_id"] == id))
        {
            document["version"] = "one";
        }

        return response;
    }

    // Counts only reads of several runs: a single read has no $in.
    private int CountReads(Run run)
    {
        var id = new BsonBinaryData(run.Id, GuidRepresentation.Standard);
        return application.MongoDb.Commands.Count(command => command.GetElement(0) == new BsonElement("find", "runs")
            && command["filter"].AsBsonDocument.TryGetValue("_id", out var filter)
            && filter is BsonDocument ids && ids["$in"].AsBsonArray.Contains(id));
    }

    private List<int> InsertSizes() =>
        [.. application.MongoDb.Commands.Where(command => command.Contains("insert") && command["insert"] == "runs")
            .Select(command => command["documents"].AsBsonArray.Count)];
}
