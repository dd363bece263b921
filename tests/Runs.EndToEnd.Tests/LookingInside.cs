using System.Text.RegularExpressions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>What an operator finds in the database with the queries of the README.</summary>
[Collection(nameof(Containers))]
public sealed partial class LookingInside(ContainerStack stack) : IClassFixture<ContainerStack>
{
    private IMongoCollection<BsonDocument> Runs => new MongoClient(stack.MongoDb).GetDatabase(stack.MongoDb.DatabaseName).GetCollection<BsonDocument>("runs");

    [Fact]
    public async Task A_run_shows_what_http_shows_by_the_same_names_in_the_same_words()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id, new { target = "task:t", config = new { a = 1 }, timeout_seconds = 5 }));

        var run = (await stack.Client.Read($"/runs/{id}")).Body;
        var stored = await Runs.Find(Query("findOne", 1, id)).SingleAsync();

        foreach (var member in run.EnumerateObject().Where(member => member.Value.ValueKind == System.Text.Json.JsonValueKind.String))
        {
            var seen = stored[member.Name] is BsonDateTime date ? UtcMilliseconds.Text(date.ToUniversalTime()) : stored[member.Name].AsString;
            Assert.Equal(member.Value.GetString(), seen);
        }

        Assert.Equal("""{"a":1}""", stored["config"].AsString);
        Assert.Equal(5, stored["timeout_seconds"].AsInt32);
        Assert.Equal(Stack.Project, stored["owner"]["id"].AsString);
    }

    [Fact]
    public async Task A_tree_is_found_by_its_root_and_nothing_stays_untold()
    {
        var (root, child) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(root));
        await stack.Client.Create(Calls.Task(child).With("parent_run_id", root));

        var tree = await Runs.Find(Query("find", 4, root)).ToListAsync();

        Assert.Equal(new[] { root, child }.Order(), tree.Select(run => run["run_id"].AsString).Order());
        await Eventually.Holds(async () => await Runs.CountDocumentsAsync(Query("find", 5, root)) == 0);
    }

    [Fact]
    public async Task Runs_are_counted_by_status()
    {
        await stack.Client.Create(Calls.Task());

        var counts = await Runs.Aggregate<BsonDocument>(new[] { BsonDocument.Parse("""{ $group: { _id: "$status", runs: { $sum: 1 } } }""") }).ToListAsync();

        Assert.Contains(counts, count => count["_id"] == "pending" && count["runs"].ToInt64() >= 1);
    }

    /// <summary>The filter of the README's <paramref name="number"/>th query, for another run.</summary>
    private static BsonDocument Query(string command, int number, string id)
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, "README.md")).Where(line => line.StartsWith("db.runs.", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, lines.Count);
        var filter = Filter().Match(lines[number - 1]);
        Assert.Equal(command, filter.Groups[1].Value);
        return BsonDocument.Parse(filter.Groups[2].Value.Replace("run_hello", id, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^db\.runs\.(\w+)\((\{(?:[^{}]|\{[^{}]*\})*\})")]
    private static partial Regex Filter();
}
