using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedDuplicateCreateTests(EmbeddedApplication application) : DuplicateCreateTests<EmbeddedApplication>(application);

public abstract class DuplicateCreateTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_repeated_create_returns_the_existing_run()
    {
        var body = TestRequests.TaskBody();

        var first = await Client.Create(body);
        var again = await Client.Create(body);

        Assert.False(first.GetProperty("duplicate").GetBoolean());
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.GetProperty("run").GetRawText(), again.GetProperty("run").GetRawText());
    }

    [Fact]
    public async Task Two_hundred_concurrent_creates_over_HTTP_and_broker_create_one_run()
    {
        var id = TestRequests.NewId();
        var body = TestRequests.TaskBody(id);
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = id,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:rebuild-index"}"""),
        };
        var broker = application.Bus.CreateRequestClient<CreateRun>();

        var overHttp = Enumerable.Range(0, 100).Select(async _ => !(await Client.Create(body)).GetProperty("duplicate").GetBoolean());
        var overBroker = Enumerable.Range(0, 100).Select(async _ => (await broker.GetResponse<RunSnapshot>(command)).Message.Changed);
        var news = await Task.WhenAll(overHttp.Concat(overBroker).ToList());

        Assert.Equal(200, news.Length);
        Assert.Single(news, isNew => isNew);
    }

    [Fact]
    public async Task A_create_with_a_different_request_and_the_same_id_is_a_duplicate_and_changes_nothing()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id));

        var other = await Client.Create(TestRequests.TaskBody(id, new { target = "task:something-else" }));

        Assert.True(other.GetProperty("duplicate").GetBoolean());
        Assert.Equal("task:rebuild-index", other.GetProperty("run").GetProperty("target").GetString());
    }

    [Fact]
    public async Task With_strict_handling_the_differing_members_are_reported()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id, new { target = "task:t", config = new { a = new[] { 1, 2 }, b = "x" } }));
        using var strict = application.CreateClient("vf_dev_secret");
        strict.DefaultRequestHeaders.Add("Prefer", "respond-async, handling=strict");

        var different = await strict.Post("/runs", TestRequests.TaskBody(id, new { target = "task:t", config = new { a = new[] { 1, 3 }, b = "x", c = 1 } }));
        var respelled = await strict.Post("/runs", $$"""
            { "request" : { "config": {"b":"\u0078", "a": [1.0, 2e0]}, "target":"task:t" }, "public_id":"{{id}}",
              "owner":{"id":"{{RunsApplication.Project}}","kind":"project"}, "kind":"task", "parent_run_id": null }
            """);

        different.AssertProblem(409);
        Assert.Equal("REQUEST_DIFFERS", different["code"].GetString());
        Assert.Equal(["/request/config/a/1", "/request/config/c"], different["differences"].EnumerateArray().Select(pointer => pointer.GetString()).Order());
        Assert.True(respelled.Status == 202 && respelled["duplicate"].GetBoolean(), respelled.ToString());
    }

    [Fact]
    public async Task With_strict_handling_repeats_of_a_reservation_and_of_its_input_are_recognized()
    {
        var id = TestRequests.NewId();
        var reserve = TestRequests.AgentBody(id, new { agent_id = "writer" });
        var start = TestRequests.AgentBody(id, new { agent_id = "writer", input = new { messages = new[] { "hello" } } });
        using var strict = application.CreateClient("vf_dev_secret");
        strict.DefaultRequestHeaders.Add("Prefer", "handling=strict");
        await strict.Create(reserve);
        await strict.Create(start);

        Assert.True((await strict.Create(start)).GetProperty("duplicate").GetBoolean());
        Assert.True((await strict.Create(reserve)).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task A_create_with_another_kind_or_owner_is_rejected_as_RUN_ID_TAKEN()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id));

        var otherOwner = await Client.Post("/runs", TestRequests.TaskBody(id).With("owner", new { kind = "project", id = TestRequests.NewUuid() }));
        var otherKind = await Client.Post("/runs", TestRequests.TaskBody(id, new { target = "eval:e" }).With("kind", "eval"));

        otherOwner.AssertProblem(409);
        otherKind.AssertProblem(409);
        Assert.Equal("RUN_ID_TAKEN", otherKind["code"].GetString());
    }

    [Fact]
    public async Task A_late_duplicate_of_a_finished_run_is_recognized()
    {
        var body = TestRequests.TaskBody();
        await Client.Create(body);
        await Client.Post($"/runs/{body["public_id"]}/cancel");

        var late = await Client.Create(body);

        Assert.True(late.GetProperty("duplicate").GetBoolean());
        Assert.Equal("cancelled", late.GetProperty("run").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_redelivered_create_reports_that_it_created_the_run_and_creates_nothing()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = TestRequests.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
        };
        var messageId = NewId.NextGuid();
        var client = application.Bus.CreateRequestClient<CreateRun>();

        async Task<RunSnapshot> Deliver()
        {
            using var request = client.Create(command);
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        }

        var first = await Deliver();
        var second = await Deliver();

        Assert.True(first.Changed);
        Assert.True(second.Changed);
        Assert.Equal(first.Run.CreatedAt, second.Run.CreatedAt);
        Assert.Equal(1, (await application.Store.Find(RunIds.ForRun("dev", command.RunId), default))!.Version);
    }

    [Fact]
    public async Task An_expired_create_creates_nothing()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = TestRequests.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
            ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1),
        };

        var refused = await application.Bus.CreateRequestClient<CreateRun>().GetResponse<RunRejected>(command);

        Assert.Equal(RejectionCodes.Expired, refused.Message.Code);
        (await Client.Get($"/runs/{command.RunId}")).AssertProblem(404);
    }
}
