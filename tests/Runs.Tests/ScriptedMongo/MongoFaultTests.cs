using MongoDB.Bson;
using Runs.Contracts;
using Runs.Tests.Fuzz;

namespace Runs.Tests.ScriptedMongo;

/// <summary>Responses and stored runs when MongoDB fails in the middle of a write or a read.</summary>
public abstract class MongoFaultTests(ScriptedMongoApplication application) : IAsyncLifetime
{
    private const string Events = """{"events":[{"type":"CUSTOM","value":1}]}""";
    private const string InputRequests = $"/conversations/{RunsApplication.Conversation}/input-requests";

    public Task InitializeAsync() => Task.CompletedTask;

    // Waits until the application has noticed that its store is available: until then it rejects the next test's calls.
    public Task DisposeAsync()
    {
        (application.MongoDb.Script, application.MongoDb.IsWritablePrimary) = (null, true);
        return Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
    }

    [Fact]
    public async Task A_create_whose_insert_response_was_lost_is_not_reported_as_a_duplicate()
    {
        var body = TestRequests.TaskBody();
        var faults = 0;
        application.MongoDb.Script = command =>
            IsCommand(command, "insert") && Interlocked.Increment(ref faults) == 1 ? ScriptedFault.LostResponse : null;

        var created = await application.Client.Create(body);
        var repeated = await application.Client.Create(body);

        Assert.False(created.Duplicate);
        Assert.True(repeated.Duplicate);
        Assert.InRange(faults, 2, int.MaxValue);
    }

    [Fact]
    public async Task A_create_without_majority_confirmation_is_not_accepted()
    {
        var body = TestRequests.TaskBody();
        application.MongoDb.Script = command =>
            IsCommand(command, "insert") ? ScriptedFault.Unconfirmed : IsFind(command) ? ScriptedFault.FindsNothing : null;

        var unconfirmed = await application.Client.Post("/runs", body);
        application.MongoDb.Script = null;

        Assert.True(unconfirmed.Status is 503 or 504, unconfirmed.ToString());
        await Eventually.Succeeds(async () => await application.Client.Create(body));
    }

    [Fact]
    public async Task An_append_without_majority_confirmation_returns_OUTCOME_UNKNOWN()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run).With("initial_status", "running"));
        application.MongoDb.Script = command => IsCommand(command, "update") ? ScriptedFault.Unconfirmed : null;

        var append = await application.Client.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = 1 } } });

        append.AssertProblemCode(504, "OUTCOME_UNKNOWN");
    }

    [Fact]
    public async Task Commands_and_creates_below_a_run_succeed_while_a_stale_primary_hides_it()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        application.MongoDb.Script = command => IsMajorityRead(command) && IsFind(command) ? ScriptedFault.FindsNothing : null;

        var child = await application.Client.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run));
        var completed = await application.Client.Post($"/runs/{run}/complete", new { status = "completed" });

        Assert.True(child.Status == 202, child.ToString());
        Assert.True(completed.Status == 200, completed.ToString());
    }

    [Fact]
    public async Task Appends_input_requests_and_restricted_callers_succeed_while_a_stale_primary_hides_the_run()
    {
        var (run, agent) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(run));
        await application.Client.Create(TestRequests.AgentBody(agent));
        using var restricted = await application.CreateClientWithKey(project: RunsApplication.Project);
        application.MongoDb.Script = command => IsMajorityRead(command) && IsFind(command) ? ScriptedFault.FindsNothing : null;

        ApiResponse[] responses =
        [
            await application.Client.Post($"/runs/{run}/events", Events),
            await application.Client.Post($"/conversations/{RunsApplication.Conversation}/runs/{agent}/events", Events),
            await application.Client.Post(InputRequests, ValidBodies.InputRequest(agent)),
            await restricted.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run)),
            await restricted.Post($"/runs/{run}/complete", new { status = "completed" }),
        ];

        Assert.All(responses, response => Assert.True(response.Status is >= 200 and < 300, response.ToString()));
        (await application.Client.Post($"/runs/{TestRequests.NewId()}/events", Events)).AssertProblem(404);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_input_request_hidden_by_a_stale_primary_can_be_answered_and_cancelled(bool belowRun)
    {
        var answered = await CreateInputRequest(TestRequests.NewId());
        var cancelled = await CreateInputRequest(TestRequests.NewId());
        application.MongoDb.Script = command =>
            IsMajorityRead(command) && (IsFind(command) || IsFindOfInputRequest(command)) ? ScriptedFault.FindsNothing : null;

        var response = await application.Client.Post($"{answered}/responses", new { values = new { colour = "red" } });
        var cancel = await application.Client.Post($"{cancelled}/cancel");

        Assert.Equal("submitted", response.Read<ApiInputRequest>().Status);
        Assert.Equal("cancelled", cancel.Read<ApiInputRequest>().Status);
        (await application.Client.Post($"{InputRequests}/{TestRequests.NewUuid()}/cancel")).AssertProblem(404);

        async Task<string> CreateInputRequest(string run)
        {
            await application.Client.Create(TestRequests.AgentBody(run));
            var created = await application.Client.Post(InputRequests, ValidBodies.InputRequest(run));
            var path = belowRun ? ApiPaths.RunInputRequests(run) : InputRequests;
            return $"{path}/{created.Read<ApiInputRequest>(201).Id}";
        }
    }

    [Theory]
    [InlineData(10107)] // not writable primary
    [InlineData(11601)] // interrupted by an operator
    [InlineData(8000)] // the quota of a hosted service is used up
    [InlineData(13)] // unauthorized
    public async Task A_published_outcome_is_stored_after_transient_server_errors(int code)
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        var failures = 0;
        application.MongoDb.Script = command =>
        {
            var fails = IsFind(command) || IsCommand(command, "update");
            Interlocked.Add(ref failures, fails ? 1 : 0);
            return fails ? ScriptedFault.Error(code) : null;
        };

        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(failures > 4));
        application.MongoDb.Script = null;

        await AssertCompletes(run);
    }

    [Fact]
    public async Task A_published_outcome_is_stored_after_an_election()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));

        application.MongoDb.IsWritablePrimary = false;
        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(async () => !(await application.Client.GetAsync("/health/ready")).IsSuccessStatusCode);
        application.MongoDb.IsWritablePrimary = true;

        await AssertCompletes(run);
    }

    private Task AssertCompletes(string run) => Eventually.Succeeds(
        async () => Assert.Equal("completed", (await application.Client.GetRun(run)).Status));

    private static bool IsCommand(BsonDocument command, string name) => command.GetElement(0) == new BsonElement(name, "runs");

    private static bool IsFindOfInputRequest(BsonDocument command) =>
        IsCommand(command, "find") && ScriptedDatabase.FindInputRequestId(command["filter"].AsBsonDocument) is not null;

    // The query of a single run. The queries of sweeps find nothing in any case.
    private static bool IsFind(BsonDocument command) =>
        IsCommand(command, "find") && command["filter"].AsBsonDocument.Contains("_id");

    private static bool IsMajorityRead(BsonDocument command) =>
        command.TryGetValue("readConcern", out var concern) && concern["level"] == "majority";
}
