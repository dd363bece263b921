using System.Globalization;
using System.Text.RegularExpressions;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>What an operator finds in the database with the queries of the README.</summary>
[Collection(nameof(Containers))]
public sealed partial class LookingInside(ContainerStack stack) : IClassFixture<ContainerStack>
{
    [Fact]
    public async Task A_run_shows_what_http_shows_by_the_same_names_in_the_same_words()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id, new { target = "task:t", config = new { a = 1 }, timeout_seconds = 5 }));

        var run = (await stack.Client.Read($"/runs/{id}")).Body;
        var stored = (await Execute(Readme().First().Query.Replace("run_hello", id, StringComparison.Ordinal))).Single();

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
    public async Task Every_query_of_the_readme_finds_what_it_says()
    {
        var (id, child, untold) = (Calls.NewId(), Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(id));
        await stack.Client.Create(Calls.Task(child).With("parent_run_id", id));
        await stack.Client.Post($"/runs/{id}/events", """{"events":[{"type":"CUSTOM","value":1}]}""");
        await Database.GetCollection<BsonDocument>("runs").UpdateOneAsync(
            new BsonDocument("run_id", id),
            new BsonDocument("$set", new BsonDocument { { "started_at", DateTime.UnixEpoch }, { "latest_event_at", DateTime.UnixEpoch } }));
        await Database.GetCollection<BsonDocument>("runs").InsertOneAsync(BsonDocument.Parse(
            $$"""{ _id: "{{untold}}", run_id: "{{untold}}", outbox: [{ message_id: "m", type: "RunAccepted" }] }"""));
        await Eventually.Holds(async () => await Database.GetCollection<BsonDocument>("run_events").CountDocumentsAsync(new BsonDocument("run_id", id)) == 2);

        var found = new Dictionary<string, List<BsonDocument>>();
        foreach (var (query, meaning) in Readme())
        {
            found.Add(meaning, await Execute(query.Replace("run_hello", id, StringComparison.Ordinal)));
        }

        Assert.Equal([id], Ids(found["one run, whole"]));
        Assert.Contains(found["how many are where"], count => count["_id"] == "running" && count["runs"].ToInt64() >= 1);
        Assert.Equal([id], Ids(found["running for over an hour"]));
        Assert.Equal(new[] { id, child }.Order(), Ids(found["a tree"]).Order());
        Assert.Equal(["_id", "run_id", "parent_run_id", "status"], found["a tree"].Single(run => run["run_id"] == child).Names.OrderBy(name => "_rps".IndexOf(name[0], StringComparison.Ordinal)));
        Assert.Equal([id], Ids(found["running, and silent for ten minutes"]));
        Assert.Equal([1, 2], found["its log, but for the last moment"].Select(logged => logged["event_id"].ToInt64()));
        Assert.Contains(untold, Ids(found["what has yet to be told"]));
        Assert.Equal(7, found.Count);
    }

    [Fact]
    public async Task Nothing_stays_untold()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id));
        await stack.Client.Post($"/runs/{id}/complete", new { status = "completed" });

        await Eventually.Succeeds(async () =>
        {
            var stored = await Database.GetCollection<BsonDocument>("runs").Find(new BsonDocument("run_id", id)).SingleAsync();
            Assert.Empty(stored["outbox"].AsBsonArray);
            Assert.Empty(stored["recent_events"].AsBsonArray);
        });
    }

    private IMongoDatabase Database => new MongoClient(stack.MongoDb).GetDatabase(stack.MongoDb.DatabaseName);

    private static IEnumerable<string> Ids(IEnumerable<BsonDocument> runs) => runs.Select(run => run["run_id"].AsString);

    private static IEnumerable<(string Query, string Meaning)> Readme() =>
        File.ReadLines(Path.Combine(Repository.Root, "README.md"))
            .Where(line => line.StartsWith("db.", StringComparison.Ordinal))
            .Select(line => line.Split("//", 2, StringSplitOptions.TrimEntries))
            .Select(parts => (parts[0], parts[1]));

    /// <summary>Does what the shell does with a line of the README.</summary>
    private async Task<List<BsonDocument>> Execute(string query)
    {
        query = Ago().Replace(query, ago => $"new Date({TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - (long)double.Parse(ago.Groups[1].Value, CultureInfo.InvariantCulture)})");
        var call = Call().Match(query);
        Assert.True(call.Success, query);
        var collection = Database.GetCollection<BsonDocument>(call.Groups["collection"].Value);
        var arguments = BsonDocument.Parse($"{{ all: [{call.Groups["arguments"].Value}] }}")["all"].AsBsonArray;
        if (call.Groups["method"].Value == "aggregate")
        {
            return await collection.Aggregate<BsonDocument>(arguments[0].AsBsonArray.Select(stage => stage.AsBsonDocument).ToArray()).ToListAsync();
        }

        var find = collection.Find(arguments[0].AsBsonDocument);
        find = arguments.Count > 1 ? find.Project<BsonDocument>(arguments[1].AsBsonDocument) : find;
        find = call.Groups["sort"].Success ? find.Sort(BsonDocument.Parse(call.Groups["sort"].Value)) : find;
        return await (call.Groups["method"].Value == "findOne" ? find.Limit(1) : find).ToListAsync();
    }

    [GeneratedRegex(@"new Date\(Date\.now\(\) - ([0-9e]+)\)")]
    private static partial Regex Ago();

    [GeneratedRegex(@"^db\.(?<collection>\w+)\.(?<method>findOne|find|aggregate)\((?<arguments>.*?)\)(\.sort\((?<sort>.*)\))?$")]
    private static partial Regex Call();
}
