using MongoDB.Bson;
using Runs.Contracts;
using Runs.Tests.Fuzz;

namespace Runs.Tests.ScriptedMongo;

public sealed class ScriptedReplicaSet(ScriptedReplicaSetStack stack) : ScriptedPrimary(stack), IClassFixture<ScriptedReplicaSetStack>;

public sealed class ScriptedStandalone(ScriptedStandaloneStack stack) : ScriptedPrimary(stack), IClassFixture<ScriptedStandaloneStack>;

/// <summary>What callers are told, and what is true, when MongoDB goes wrong in the middle of a write or a read.</summary>
public abstract class ScriptedPrimary(ScriptedMongoStack stack) : IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    // The server has to know again that its store is there: until then it refuses at once what the next test asks for.
    public Task DisposeAsync()
    {
        (stack.MongoDb.Script, stack.MongoDb.IsWritablePrimary) = (null, true);
        return Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()));
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_answered_as_the_one_that_made_the_run()
    {
        var body = Calls.Task();
        var faults = 0;
        stack.MongoDb.Script = command => IsWrite(command, "insert") && Interlocked.Increment(ref faults) == 1 ? Fault.LostAnswer : null;

        var created = await stack.Client.Create(body);
        var repeated = await stack.Client.Create(body);

        Assert.False(created.GetProperty("duplicate").GetBoolean());
        Assert.True(repeated.GetProperty("duplicate").GetBoolean());
        Assert.InRange(faults, 2, int.MaxValue);
    }

    [Fact]
    public async Task Nothing_is_accepted_that_no_majority_has_confirmed()
    {
        var body = Calls.Task();
        stack.MongoDb.Script = command => IsWrite(command, "insert") ? Fault.Unconfirmed : IsFind(command) ? Fault.FindsNothing : null;

        var unconfirmed = await stack.Client.Post("/runs", body);
        stack.MongoDb.Script = null;

        Assert.True(unconfirmed.Status is 503 or 504, unconfirmed.ToString());
        await Eventually.Succeeds(async () => await stack.Client.Create(body));
    }

    [Fact]
    public async Task An_append_that_no_majority_has_confirmed_may_have_happened_and_its_caller_is_told_so()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run).With("initial_status", "running"));
        stack.MongoDb.Script = command => IsWrite(command, "update") ? Fault.Unconfirmed : null;

        var append = await stack.Client.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = 1 } } });

        append.IsProblem(504);
        Assert.Equal("OUTCOME_UNKNOWN", append["code"].GetString());
    }

    [Fact]
    public async Task A_run_that_a_stale_primary_does_not_show_is_neither_unknown_nor_an_unknown_parent()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        stack.MongoDb.Script = command => IsFind(command) && command["readConcern"]["level"] == "majority" ? Fault.FindsNothing : null;

        var child = await stack.Client.Post("/runs", Calls.Task().With("parent_run_id", run));
        var completed = await stack.Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.True(child.Status == 202, child.ToString());
        Assert.True(completed.Status == 200, completed.ToString());
    }

    [Fact]
    public async Task Nor_is_it_for_an_append_an_input_request_or_a_caller_with_projects()
    {
        var (run, agent) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(run));
        await stack.Client.Create(Calls.Agent(agent));
        using var restricted = await stack.CallerWith(project: Stack.Project);
        stack.MongoDb.Script = command => IsFind(command) && command["readConcern"]["level"] == "majority" ? Fault.FindsNothing : null;

        Answer[] answers =
        [
            await stack.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM","value":1}]}"""),
            await stack.Client.Post($"/conversations/{Stack.Conversation}/runs/{agent}/events", """{"events":[{"type":"CUSTOM","value":1}]}"""),
            await stack.Client.Post($"/conversations/{Stack.Conversation}/input-requests", ValidBodies.InputRequest(agent)),
            await restricted.Post("/runs", Calls.Task().With("parent_run_id", run)),
            await restricted.Post($"/runs/{run}/complete", new { status = "completed" }),
        ];

        Assert.All(answers, answer => Assert.True(answer.Status is >= 200 and < 300, answer.ToString()));
        (await stack.Client.Post($"/runs/{Calls.NewId()}/events", """{"events":[{"type":"CUSTOM","value":1}]}""")).IsProblem(404);
    }

    [Fact]
    public async Task An_input_request_that_a_stale_primary_hides_can_be_answered_and_cancelled()
    {
        var (answered, calledOff) = (await AskFor(Calls.NewId()), await AskFor(Calls.NewId()));
        stack.MongoDb.Script = command => (IsFind(command) || IsFindOfInputRequest(command)) && command["readConcern"]["level"] == "majority" ? Fault.FindsNothing : null;

        var answer = await stack.Client.Post($"{answered}/responses", new { values = new { colour = "red" } });
        var cancel = await stack.Client.Post($"{calledOff}/cancel");

        Assert.True((answer.Status, cancel.Status) == (200, 200), $"{answer} {cancel}");
        Assert.Equal(("submitted", "cancelled"), (answer["status"].GetString(), cancel["status"].GetString()));
        (await stack.Client.Post($"/conversations/{Stack.Conversation}/input-requests/{Calls.NewUuid()}/cancel")).IsProblem(404);

        async Task<string> AskFor(string run)
        {
            await stack.Client.Create(Calls.Agent(run));
            var asked = await stack.Client.Post($"/conversations/{Stack.Conversation}/input-requests", ValidBodies.InputRequest(run));
            Assert.True(asked.Status == 201, asked.ToString());
            return $"/conversations/{Stack.Conversation}/input-requests/{asked["id"].GetString()}";
        }
    }

    [Theory]
    [InlineData(10107)] // not the primary any more
    [InlineData(11601)] // interrupted by an operator
    [InlineData(8000)] // over the quota of a hosted service
    [InlineData(13)] // rights were taken away
    public async Task An_outcome_that_nobody_waits_for_outlives_what_the_server_says(int code)
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        var refusals = 0;
        stack.MongoDb.Script = command =>
        {
            var isRefused = IsFind(command) || IsWrite(command, "update");
            Interlocked.Add(ref refusals, isRefused ? 1 : 0);
            return isRefused ? Fault.Refused(code) : null;
        };

        await stack.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(refusals > 4));
        stack.MongoDb.Script = null;

        await EndsAsCompleted(run);
    }

    [Fact]
    public async Task And_an_election()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));

        stack.MongoDb.IsWritablePrimary = false;
        await stack.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(async () => !(await stack.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
        stack.MongoDb.IsWritablePrimary = true;

        await EndsAsCompleted(run);
    }

    private Task EndsAsCompleted(string run) => Eventually.Succeeds(
        async () => Assert.Equal("completed", (await stack.Client.Read($"/runs/{run}"))["status"].GetString()));

    private static bool IsWrite(BsonDocument command, string name) => command.GetElement(0) == new BsonElement(name, "runs");

    private static bool IsFindOfInputRequest(BsonDocument command) =>
        command.GetElement(0) == new BsonElement("find", "runs") && ScriptedDatabase.InputRequest(command["filter"].AsBsonDocument) is not null;

    // Of one run: sweeps find nothing anyway.
    private static bool IsFind(BsonDocument command) => command.GetElement(0) == new BsonElement("find", "runs") && command["filter"].AsBsonDocument.Contains("_id");
}
