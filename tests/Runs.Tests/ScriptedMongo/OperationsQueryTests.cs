using MongoDB.Bson;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// The queries of "Look inside" in docs/operations.md use the indexes that the service creates, by the rules of
/// MongoDB's query planner. The suite on containers verifies the same with <c>explain</c>, if the database supports it.
/// </summary>
public sealed class OperationsQueryTests
{
    public static TheoryData<string> Meanings => [.. OperationsQuery.All().Select(query => query.Meaning)];

    [Theory]
    [MemberData(nameof(Meanings))]
    public async Task A_documented_query_uses_an_index(string meaning)
    {
        var query = OperationsQuery.All().Single(query => query.Meaning == meaning);

        var indexes = await GetIndexes(query.Collection);

        Assert.Contains(indexes, index => IsUsable(index, query.Filter, query.Sort));
    }

    [Theory]
    [InlineData("{ tenant: 'dev', run_id: 'r' }")]
    [InlineData("{ status: 'running' }")]
    [InlineData("{ tenant: 'dev', root_run_id: 'r' }")]
    [InlineData("{ 'outbox.message_id': { $exists: true } }")]
    [InlineData("{ project_id: 'p', created_at: { $gt: 1 } }")]
    [InlineData("{ tenant: 'dev', project_id: null }")]
    [InlineData("{ tenant: 'dev', parent_run_id: { $exists: false } }")]
    public async Task Other_queries_scan_the_collection(string filter) =>
        Assert.DoesNotContain(await GetIndexes("runs"), index => IsUsable(index, BsonDocument.Parse(filter), []));

    // The query must have a condition on the first key or sort by it. All its results must be in a partial index.
    private static bool IsUsable(BsonDocument index, BsonDocument filter, BsonDocument sort)
    {
        var keys = index["key"].AsBsonDocument;
        return (filter.Contains(keys.GetElement(0).Name) || (sort.ElementCount > 0 && keys.Take(sort.ElementCount).SequenceEqual(sort)))
            && index.GetValue("partialFilterExpression", new BsonDocument()).AsBsonDocument.All(condition =>
            {
                Assert.Equal(new BsonDocument("$exists", true), condition.Value); // this test supports no other condition
                return filter.TryGetValue(condition.Name, out var value) && MatchesOnlyExistingFields(value);
            });
    }

    private static bool MatchesOnlyExistingFields(BsonValue condition) =>
        condition is BsonDocument operators && operators.Names.All(name => name.StartsWith('$'))
            ? operators.Any(MatchesOnlyExistingFields)
            : !condition.IsBsonNull;

    private static bool MatchesOnlyExistingFields(BsonElement condition) => condition.Name switch
    {
        "$exists" => condition.Value.ToBoolean(),
        "$eq" or "$gt" or "$gte" or "$lt" or "$lte" => !condition.Value.IsBsonNull,
        _ => false,
    };

    /// <summary>Returns the indexes that the service creates.</summary>
    private static async Task<List<BsonDocument>> GetIndexes(string collection)
    {
        await using var server = new ScriptedMongoServer();
        var store = ScriptedMongoServer.OpenStore($"mongodb://{server.Address}");
        await store.Initialize(default);
        await store.CreateListIndexes(default);
        return
        [
            new BsonDocument("key", new BsonDocument("_id", 1)),
            .. server.Commands.Where(command => command.GetElement(0) == new BsonElement("createIndexes", collection))
                .SelectMany(command => command["indexes"].AsBsonArray).Select(index => index.AsBsonDocument),
        ];
    }
}
