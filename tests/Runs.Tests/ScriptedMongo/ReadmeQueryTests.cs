using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Store.Mongo;
using Runs.Tests.Stores;

namespace Runs.Tests.ScriptedMongo;

/// <summary>
/// The queries of README's "Look inside" use the indexes that the server makes, by the rules of MongoDB's query planner. The suite on containers asks the planner itself, where the
/// engine answers <c>explain</c>.
/// </summary>
public sealed class ReadmeQueryTests
{
    public static TheoryData<string> Meanings => [.. ReadmeQuery.All().Select(query => query.Meaning)];

    [Theory]
    [MemberData(nameof(Meanings))]
    public async Task A_README_query_uses_an_index(string meaning)
    {
        var query = ReadmeQuery.All().Single(query => query.Meaning == meaning);

        var indexes = await Indexes(query.Collection);

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
        Assert.DoesNotContain(await Indexes("runs"), index => IsUsable(index, BsonDocument.Parse(filter), []));

    // The first key must have a condition or be what is sorted by, and a partial index needs a query whose results are all in it.
    private static bool IsUsable(BsonDocument index, BsonDocument filter, BsonDocument sort)
    {
        var keys = index["key"].AsBsonDocument;
        return (filter.Contains(keys.GetElement(0).Name) || (sort.ElementCount > 0 && keys.Take(sort.ElementCount).SequenceEqual(sort)))
            && index.GetValue("partialFilterExpression", new BsonDocument()).AsBsonDocument.All(condition =>
            {
                Assert.Equal(new BsonDocument("$exists", true), condition.Value); // no other kind is known here
                return filter.TryGetValue(condition.Name, out var wanted) && IsOnlyTrueOfWhatExists(wanted);
            });
    }

    private static bool IsOnlyTrueOfWhatExists(BsonValue wanted) => wanted is BsonDocument operators && operators.Names.All(name => name.StartsWith('$'))
        ? operators.Any(one => one.Name is "$exists" ? one.Value.ToBoolean() : one.Name is "$eq" or "$gt" or "$gte" or "$lt" or "$lte" && !one.Value.IsBsonNull)
        : !wanted.IsBsonNull;

    /// <summary>The indexes as they are made in the database.</summary>
    private static async Task<List<BsonDocument>> Indexes(string collection)
    {
        await using var server = new ScriptedMongoServer();
        using var client = new MongoClient(MongoServiceCollectionExtensions.CreateSettings($"mongodb://{server.Address}"));
        var store = new MongoRunStore(client.GetDatabase("runs"), new StoreAvailability(), TimeProvider.System, NullLogger<MongoRunStore>.Instance);
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
