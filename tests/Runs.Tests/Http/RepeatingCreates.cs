using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class RepeatingCreatesEmbedded(EmbeddedStack stack) : RepeatingCreates<EmbeddedStack>(stack);

public abstract class RepeatingCreates<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task The_same_request_again_is_answered_with_the_run_that_exists()
    {
        var body = Calls.Task();

        var first = await Client.Create(body);
        var again = await Client.Create(body);

        Assert.False(first.GetProperty("duplicate").GetBoolean());
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.GetProperty("run").GetRawText(), again.GetProperty("run").GetRawText());
    }

    [Fact]
    public async Task Of_two_hundred_equal_creates_at_once_over_http_and_broker_one_is_no_duplicate()
    {
        var id = Calls.NewId();
        var body = Calls.Task(id);
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = id,
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            Request = new RawJson("""{"target":"task:rebuild-index"}"""),
        };
        var broker = stack.Bus.CreateRequestClient<CreateRun>();

        var overHttp = Enumerable.Range(0, 100).Select(async _ => !(await Client.Create(body)).GetProperty("duplicate").GetBoolean());
        var overBroker = Enumerable.Range(0, 100).Select(async _ => (await broker.GetResponse<RunSnapshot>(command)).Message.Changed);
        var news = await Task.WhenAll(overHttp.Concat(overBroker).ToList());

        Assert.Equal(200, news.Length);
        Assert.Single(news, isNew => isNew);
    }

    [Fact]
    public async Task Another_request_for_the_id_is_a_duplicate_and_changes_nothing()
    {
        var id = Calls.NewId();
        await Client.Create(Calls.Task(id));

        var other = await Client.Create(Calls.Task(id, new { target = "task:something-else" }));

        Assert.True(other.GetProperty("duplicate").GetBoolean());
        Assert.Equal("task:rebuild-index", other.GetProperty("run").GetProperty("target").GetString());
    }

    [Fact]
    public async Task With_strict_handling_the_members_that_differ_are_named()
    {
        var id = Calls.NewId();
        await Client.Create(Calls.Task(id, new { target = "task:t", config = new { a = new[] { 1, 2 }, b = "x" } }));
        using var strict = stack.Caller("vf_dev_secret");
        strict.DefaultRequestHeaders.Add("Prefer", "respond-async, handling=strict");

        var different = await strict.Post("/runs", Calls.Task(id, new { target = "task:t", config = new { a = new[] { 1, 3 }, b = "x", c = 1 } }));
        var respelled = await strict.Post("/runs", $$"""
            { "request" : { "config": {"b":"\u0078", "a": [1.0, 2e0]}, "target":"task:t" }, "public_id":"{{id}}",
              "owner":{"id":"{{Stack.Project}}","kind":"project"}, "kind":"task", "parent_run_id": null }
            """);

        different.IsProblem(409);
        Assert.Equal("REQUEST_DIFFERS", different["code"].GetString());
        Assert.Equal(["/request/config/a/1", "/request/config/c"], different["differences"].EnumerateArray().Select(pointer => pointer.GetString()).Order());
        Assert.True(respelled.Status == 202 && respelled["duplicate"].GetBoolean(), respelled.ToString());
    }

    [Fact]
    public async Task With_strict_handling_a_reserved_run_and_its_start_are_both_known()
    {
        var id = Calls.NewId();
        var reserve = Calls.Agent(id, new { agent_id = "writer" });
        var start = Calls.Agent(id, new { agent_id = "writer", input = new { messages = new[] { "hello" } } });
        using var strict = stack.Caller("vf_dev_secret");
        strict.DefaultRequestHeaders.Add("Prefer", "handling=strict");
        await strict.Create(reserve);
        await strict.Create(start);

        Assert.True((await strict.Create(start)).GetProperty("duplicate").GetBoolean());
        Assert.True((await strict.Create(reserve)).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task An_id_of_another_kind_or_owner_is_taken()
    {
        var id = Calls.NewId();
        await Client.Create(Calls.Task(id));

        var otherOwner = await Client.Post("/runs", Calls.Task(id).With("owner", new { kind = "project", id = Calls.NewUuid() }));
        var otherKind = await Client.Post("/runs", Calls.Task(id, new { target = "eval:e" }).With("kind", "eval"));

        otherOwner.IsProblem(409);
        otherKind.IsProblem(409);
        Assert.Equal("RUN_ID_TAKEN", otherKind["code"].GetString());
    }

    [Fact]
    public async Task A_late_duplicate_of_an_ended_run_is_recognized()
    {
        var body = Calls.Task();
        await Client.Create(body);
        await Client.Post($"/runs/{body["public_id"]}/cancel");

        var late = await Client.Create(body);

        Assert.True(late.GetProperty("duplicate").GetBoolean());
        Assert.Equal("cancelled", late.GetProperty("run").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_redelivered_create_is_told_that_it_made_the_run_and_makes_nothing()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = Calls.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
        };
        var messageId = NewId.NextGuid();
        var client = stack.Bus.CreateRequestClient<CreateRun>();

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
        Assert.Equal(1, (await stack.Store.Find(RunKey.Of("dev", command.RunId), default))!.Version);
    }

    [Fact]
    public async Task A_create_that_comes_after_its_deadline_creates_nothing()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = Calls.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            Request = new RawJson("""{"target":"task:t"}"""),
            ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1),
        };

        var refused = await stack.Bus.CreateRequestClient<CreateRun>().GetResponse<RunRefused>(command);

        Assert.Equal(RefusalCodes.Expired, refused.Message.Code);
        (await Client.Read($"/runs/{command.RunId}")).IsProblem(404);
    }
}
