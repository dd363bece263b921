using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>Inserts that a batch of commands announces leave in one call.</summary>
public sealed class GatheredInsertTests(ScriptedReplicaSetApplication application) : IClassFixture<ScriptedReplicaSetApplication>
{
    [Fact]
    public async Task Inserts_of_one_scope_leave_in_one_call_at_its_end()
    {
        var before = InsertSizes().Count;
        List<Task<bool>> inserts;
        using (application.Store.GatherInserts())
        {
            inserts = [.. Enumerable.Range(0, 3).Select(_ => application.Store.TryInsert(TestRuns.Create(), default))];
            Assert.Equal(before, InsertSizes().Count);
        }

        Assert.All(await Task.WhenAll(inserts), Assert.True);
        Assert.Equal([3], InsertSizes().Skip(before));
    }

    [Fact]
    public async Task The_end_of_one_scope_does_not_wait_for_another()
    {
        using (application.Store.GatherInserts())
        {
            Task<bool> insert;
            using (application.Store.GatherInserts())
            {
                insert = application.Store.TryInsert(TestRuns.Create(), default);
            }

            Assert.True(await insert.WaitAsync(Eventually.Timeout));
        }
    }

    private List<int> InsertSizes() =>
        [.. application.MongoDb.Commands.Where(command => command.Contains("insert") && command["insert"] == "runs")
            .Select(command => command["documents"].AsBsonArray.Count)];
}
