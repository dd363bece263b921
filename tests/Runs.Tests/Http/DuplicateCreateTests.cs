using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class DuplicateCreateTests(EmbeddedApplication application) : DuplicateCreateTests<EmbeddedApplication>(application);

public abstract class DuplicateCreateTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_repeated_create_returns_the_existing_run()
    {
        var body = TestRequests.TaskBody();

        var first = await Client.Post("/runs", body);
        var repeated = await Client.Post("/runs", body);

        Assert.False(first.Read<CreatedRun>(202).Duplicate);
        Assert.True(repeated.Read<CreatedRun>(202).Duplicate);
        Assert.Equal(first["run"].GetRawText(), repeated["run"].GetRawText());
    }

    [Fact]
    public async Task Two_hundred_concurrent_creates_over_HTTP_and_broker_create_one_run()
    {
        var id = TestRequests.NewId();
        var body = TestRequests.TaskBody(id);
        var command = NewCommand() with { RunId = id, Request = new RawJson("""{"target":"task:rebuild-index"}""") };
        var broker = application.Bus.CreateRequestClient<CreateRun>();

        var overHttp = Enumerable.Range(0, 100).Select(async _ => !(await Client.Create(body)).Duplicate);
        var overBroker = Enumerable.Range(0, 100).Select(async _ => (await broker.GetResponse<RunSnapshot>(command)).Message.Changed);
        var created = await Task.WhenAll(overHttp.Concat(overBroker).ToList());

        Assert.Equal(200, created.Length);
        Assert.Single(created, isCreated => isCreated);
    }

    [Fact]
    public async Task A_create_with_a_different_request_and_the_same_id_is_a_duplicate_and_changes_nothing()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id));

        var other = await Client.Create(TestRequests.TaskBody(id, new { target = "task:something-else" }));

        Assert.True(other.Duplicate);
        Assert.Equal("task:rebuild-index", other.Run.Target);
    }

    [Fact]
    public async Task With_strict_handling_the_differing_members_are_reported()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id, new { target = "task:t", config = new { a = new[] { 1, 2 }, b = "x" } }));
        using var strict = application.CreateClient(DevelopmentApiKey.Key);
        strict.DefaultRequestHeaders.Add("Prefer", "respond-async, handling=strict");

        var request = new { target = "task:t", config = new { a = new[] { 1, 3 }, b = "x", c = 1 } };
        var different = await strict.Post("/runs", TestRequests.TaskBody(id, request));
        var equal = await strict.Create($$"""
            { "request" : { "config": {"b":"\u0078", "a": [1.0, 2e0]}, "target":"task:t" }, "public_id":"{{id}}",
              "owner":{"id":"{{RunsApplication.Project}}","kind":"project"}, "kind":"task", "parent_run_id": null }
            """);

        different.AssertProblemCode(409, "REQUEST_DIFFERS");
        Assert.Equal(["/request/config/a/1", "/request/config/c"], different.Read<ApiProblem>(409).Differences!.Order());
        Assert.True(equal.Duplicate);
    }

    [Fact]
    public async Task With_strict_handling_repeats_of_a_reservation_and_of_its_input_are_recognized()
    {
        var id = TestRequests.NewId();
        var reserve = TestRequests.AgentBody(id, new { agent_id = "writer" });
        var start = TestRequests.AgentBody(id, new { agent_id = "writer", input = new { messages = new[] { "hello" } } });
        using var strict = application.CreateClient(DevelopmentApiKey.Key);
        strict.DefaultRequestHeaders.Add("Prefer", "handling=strict");
        await strict.Create(reserve);
        await strict.Create(start);

        Assert.True((await strict.Create(start)).Duplicate);
        Assert.True((await strict.Create(reserve)).Duplicate);
    }

    [Fact]
    public async Task A_create_with_another_kind_or_owner_is_rejected_as_RUN_ID_TAKEN()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id));

        var owner = new { kind = "project", id = TestRequests.NewUuid() };
        var otherOwner = await Client.Post("/runs", TestRequests.TaskBody(id).With("owner", owner));
        var otherKind = await Client.Post("/runs", TestRequests.TaskBody(id, new { target = "eval:e" }).With("kind", "eval"));

        otherOwner.AssertProblemCode(409, "RUN_ID_TAKEN");
        otherKind.AssertProblemCode(409, "RUN_ID_TAKEN");
    }

    [Fact]
    public async Task A_late_duplicate_of_a_finished_run_is_recognized()
    {
        var run = TestRequests.NewId();
        var body = TestRequests.TaskBody(run);
        await Client.Create(body);
        await Client.Cancel(run);

        var late = await Client.Create(body);

        Assert.Equal((true, "cancelled"), (late.Duplicate, late.Run.Status));
    }

    [Fact]
    public async Task A_redelivered_create_reports_that_it_created_the_run_and_creates_nothing()
    {
        var command = NewCommand();
        var messageId = NewId.NextGuid();
        var client = application.Bus.CreateRequestClient<CreateRun>();

        var first = await Deliver();
        var second = await Deliver();

        Assert.True(first.Changed);
        Assert.True(second.Changed);
        Assert.Equal(first.Run.CreatedAt, second.Run.CreatedAt);
        Assert.Equal(1, (await application.Store.Find(RunIds.ForRun("dev", command.RunId), default))!.Version);

        async Task<RunSnapshot> Deliver()
        {
            using var request = client.Create(command);
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        }
    }

    [Fact]
    public async Task An_expired_create_creates_nothing()
    {
        var command = NewCommand() with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) };

        var rejected = await application.Bus.CreateRequestClient<CreateRun>().GetResponse<RunRejected>(command);

        Assert.Equal(RejectionCodes.Expired, rejected.Message.Code);
        (await Client.Get($"/runs/{command.RunId}")).AssertProblem(404);
    }

    private static CreateRun NewCommand() => new()
    {
        Tenant = "dev",
        RunId = TestRequests.NewId(),
        Kind = "task",
        Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
        Request = new RawJson("""{"target":"task:t"}"""),
    };
}
