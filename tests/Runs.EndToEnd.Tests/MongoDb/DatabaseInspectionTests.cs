using System.Diagnostics;
using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.EndToEnd.Tests;

/// <summary>The queries of docs/operations.md, with which an operator inspects the database.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class DatabaseInspectionTests(ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private const int CommandNotFound = 59;

    [Fact]
    public async Task A_run_document_has_the_names_and_values_of_the_API()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id, new { target = "task:t", config = new { a = 1 }, timeout_seconds = 5 }));

        var run = (await application.Client.Get($"/runs/{id}")).Body;
        var stored = (await Execute(OperationsQuery.All(id)[0])).Single();

        foreach (var member in run.EnumerateObject().Where(member => member.Value.ValueKind == System.Text.Json.JsonValueKind.String))
        {
            var value = stored[member.Name];
            var text = value is BsonDateTime date
                ? date.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)
                : value.AsString;
            Assert.Equal(member.Value.GetString(), text);
        }

        Assert.Equal("""{"a":1}""", stored["config"].AsString);
        Assert.Equal(5, stored["timeout_seconds"].AsInt32);
        Assert.Equal(RunsApplication.Project, stored["owner"]["id"].AsString);
    }

    [Fact]
    public async Task Every_documented_query_returns_what_it_describes()
    {
        var (id, child, late) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(id));
        await application.Client.Create(TestRequests.TaskBody(child).With("parent_run_id", id));
        await application.Client.Post($"/runs/{id}/events", """{"events":[{"type":"CUSTOM","value":1}]}""");
        await Database.GetCollection<BsonDocument>("runs").UpdateOneAsync(
            new BsonDocument("run_id", id),
            new BsonDocument("$set", new BsonDocument { { "started_at", DateTime.UnixEpoch }, { "latest_event_at", DateTime.UnixEpoch } }));
        // A server would dispatch this outbox and time this run out.
        var idle = Database.Client.GetDatabase($"{Database.DatabaseNamespace.DatabaseName}_idle");
        await idle.GetCollection<BsonDocument>("runs").InsertOneAsync(BsonDocument.Parse($$"""
            { _id: "{{late}}", run_id: "{{late}}", tenant: "dev", due_at: ISODate("1970-01-01T00:00:00Z"),
              outbox: [{ message_id: "m", type: "RunAccepted" }] }
            """));
        var archive = Database.GetCollection<BsonDocument>("run_events");
        var archived = new BsonDocument { { "run_id", id }, { "events.event_id", 2 } };
        await Eventually.Holds(async () => await archive.CountDocumentsAsync(archived) == 1);

        var found = new Dictionary<string, List<BsonDocument>>();
        foreach (var query in OperationsQuery.All(id))
        {
            found.Add(query.Meaning, [.. await Execute(query), .. await Execute(query, idle)]);
        }

        await Database.Client.DropDatabaseAsync(idle.DatabaseNamespace.DatabaseName);

        Assert.Equal([id], GetIds(found["one run, whole"]));
        Assert.Equal(
            ["create pending user http", "start running user http"],
            found["who created, resumed, cancelled it"].Single()["changes"].AsBsonArray
                .Select(change => $"{change["action"]} {change["to"]} {change["actor"]["type"]} {change["via"]}"));
        Assert.Equal([child], GetIds(found["its children"]));
        Assert.Equal(["_id", "run_id", "status"], found["its children"].Single().Names.Order(StringComparer.Ordinal));
        Assert.Equal(
            [1, 2],
            found["its log in chunks, but for the last seconds"]
                .SelectMany(chunk => chunk["events"].AsBsonArray)
                .Select(logged => logged["event_id"].ToInt64()));
        Assert.Contains(found["a project's runs of a day, by status"], count => count["_id"] == "running" && count["runs"].ToInt64() >= 1);
        Assert.Equal([id], GetIds(found["of these, running for over an hour"]));
        Assert.Equal([id], GetIds(found["running, and silent for ten minutes"]));
        Assert.Equal([late], GetIds(found["timers that are a minute late"]));
        Assert.Contains(late, GetIds(found["messages to be sent"]));
        Assert.Equal(9, found.Count);
    }

    [Fact]
    public async Task Every_documented_query_uses_an_index()
    {
        foreach (var query in OperationsQuery.All())
        {
            BsonDocument plan;
            try
            {
                var explain = new BsonDocument { { "explain", ToCommand(query) }, { "verbosity", "queryPlanner" } };
                plan = await Database.RunCommandAsync<BsonDocument>(explain);
            }
            catch (MongoCommandException unknown) when (unknown.Code == CommandNotFound)
            {
                return; // the substitute image has no explain: OperationsQueryTests compare the queries with the indexes
            }

            Assert.DoesNotContain("COLLSCAN", plan.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Runs the JavaScript of docs/operations.md, which no query uses.</summary>
    [Fact]
    public async Task The_documented_id_formula_matches_the_database()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/operations.md"));
        var function = page[page.IndexOf("const id =", StringComparison.Ordinal)..];
        function = function[..(function.IndexOf("\n}", StringComparison.Ordinal) + 2)];

        var script = $"const UUID = hex => hex\n{function}\nconsole.log(id('dev', 'run_hello'))";
        using var node = Process.Start(new ProcessStartInfo("node", ["-e", script]) { RedirectStandardOutput = true })!;

        Assert.Equal(RunIds.ForRun("dev", "run_hello").ToString("N"), (await node.StandardOutput.ReadToEndAsync()).Trim());
        await node.WaitForExitAsync();
    }

    [Fact]
    public async Task Every_outbox_message_is_dispatched()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));
        await application.Client.Complete(id);

        await Eventually.Succeeds(async () =>
        {
            var stored = await Database.GetCollection<BsonDocument>("runs").Find(new BsonDocument("run_id", id)).SingleAsync();
            Assert.Empty(stored["outbox"].AsBsonArray);
            Assert.Empty(stored["embedded_events"].AsBsonArray);
        });
    }

    private IMongoDatabase Database => new MongoClient(application.MongoDb).GetDatabase(application.MongoDb.DatabaseName);

    private static IEnumerable<string> GetIds(IEnumerable<BsonDocument> runs) => runs.Select(run => run["run_id"].AsString);

    /// <summary>Executes a documented query like the shell.</summary>
    private async Task<List<BsonDocument>> Execute(OperationsQuery query, IMongoDatabase? database = null)
    {
        var collection = (database ?? Database).GetCollection<BsonDocument>(query.Collection);
        if (query.Method == "aggregate")
        {
            return await collection.Aggregate<BsonDocument>(GetPlanStages(query)).ToListAsync();
        }

        var find = collection.Find(query.Filter);
        find = query.Sort.ElementCount > 0 ? find.Sort(query.Sort) : find;
        find = query.Arguments.Count > 1 ? find.Project<BsonDocument>(query.Arguments[1].AsBsonDocument) : find;
        return await (query.Method == "findOne" ? find.Limit(1) : find).ToListAsync();
    }

    private static BsonDocument[] GetPlanStages(OperationsQuery query) =>
        [.. query.Arguments[0].AsBsonArray.Select(stage => stage.AsBsonDocument)];

    private static BsonDocument ToCommand(OperationsQuery query) => query.Method == "aggregate"
        ? new BsonDocument
        {
            { "aggregate", query.Collection },
            { "pipeline", new BsonArray(GetPlanStages(query)) },
            { "cursor", new BsonDocument() },
        }
        : new BsonDocument { { "find", query.Collection }, { "filter", query.Filter }, { "sort", query.Sort } };
}
