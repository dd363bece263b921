using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class EmbeddedCreateRunTests(EmbeddedApplication application) : CreateRunTests<EmbeddedApplication>(application);

public abstract class CreateRunTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_created_task_is_returned_with_every_member()
    {
        var id = TestRequests.NewId();

        var answer = await Client.Post("/runs", TestRequests.TaskBody(id, new
        {
            target = "task:rebuild-index",
            name = "Nightly rebuild",
            runtime_target_kind = "main_branch",
            runtime_target_branch_id = (string?)null,
            config = new { full = true },
            timeout_seconds = 600,
            backoff_limit = 0,
        }));

        Assert.Equal(202, answer.Status);
        Assert.True(answer["accepted"].GetBoolean());
        Assert.False(answer["duplicate"].GetBoolean());
        var run = answer["run"];
        Assert.Equal(
            ["artifacts", "backoff_limit", "batch_id", "completed_at", "config", "created_at", "created_by", "duration_ms", "error", "exit_code", "input",
                "kind", "logs", "metadata", "output", "owner", "parent_run_id", "root_run_id", "run_id", "runtime_target_branch_id",
                "runtime_target_environment_id", "runtime_target_kind", "schedule_id", "start_mode", "started_at", "status", "target",
                "timeout_seconds", "trigger_id", "trigger_kind", "updated_at", "waiting_reason", "workflow_id"],
            run.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(id, run.GetProperty("run_id").GetString());
        Assert.Equal(id, run.GetProperty("root_run_id").GetString());
        Assert.Equal("pending", run.GetProperty("status").GetString());
        Assert.Equal("task:rebuild-index", run.GetProperty("target").GetString());
        Assert.Equal("main_branch", run.GetProperty("runtime_target_kind").GetString());
        Assert.Equal(600, run.GetProperty("timeout_seconds").GetInt32());
        Assert.Equal(0, run.GetProperty("backoff_limit").GetInt32());
        Assert.Equal("api", run.GetProperty("trigger_kind").GetString());
        Assert.Equal("[]", run.GetProperty("artifacts").GetRawText());
        Assert.True(Guid.TryParse(run.GetProperty("created_by").GetString(), out _));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", run.GetProperty("created_at").GetString());
        Assert.Matches("^queue;dur=.*, saga;dur=.*, store;dur=.*, total;dur=", answer.Headers["Server-Timing"]);
    }

    [Theory]
    [InlineData("""{"kind":"workflow","request":{"workflow_id":"w1","target":"workflow:w1","input":{"a":1},"start_mode":"manual"}}""", "workflow:w1")]
    [InlineData("""{"kind":"eval","request":{"target":"eval:e1","input":{},"config":{"n":2},"start_mode":"manual"}}""", "eval:e1")]
    [InlineData("""{"kind":"agent","request":{"agent_id":"writer","mode":"default_chat"}}""", "agent:writer")]
    [InlineData("""{"kind":"task","request":{"target":"task:t1","runtime_target_kind":"production"}}""", "task:t1")]
    public async Task Every_kind_is_accepted_for_a_project(string body, string target)
    {
        var answer = await Client.Post("/runs", body.Insert(1, $$"""
            "owner":{"kind":"project","id":"{{RunsApplication.Project}}"},"public_id":"{{TestRequests.NewId()}}",
            """));

        Assert.True(answer.Status == 202, answer.ToString());
        Assert.Equal(target, answer["run"].GetProperty("target").GetString());
        Assert.Equal(JsonValueKind.Null, answer["conversation_id"].ValueKind);
    }

    [Fact]
    public async Task Creates_without_an_id_each_generate_a_new_run()
    {
        var body = TestRequests.TaskBody().Without("public_id");

        var first = await Client.Create(body);
        var second = await Client.Create(body);

        Assert.StartsWith("run_", first.GetProperty("run").GetProperty("run_id").GetString());
        Assert.NotEqual(first.GetProperty("run").GetProperty("run_id").GetString(), second.GetProperty("run").GetProperty("run_id").GetString());
    }

    [Fact]
    public async Task Input_and_config_are_returned_exactly_as_sent()
    {
        const string Input = """{"a.b":1,"$set":2,"":3,"big":123456789012345678901234567890,"tiny":1e-400,"huge":1E400,"one":1.0,"minus":-0,"n":null,"é":"\u0000 \ud83d\ude00 ✓","deep":[[[[{"x":[]}]]]]}""";
        var id = TestRequests.NewId();

        var answer = await Client.Post("/runs", $$"""
            {"kind":"workflow","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},"public_id":"{{id}}",
             "request":{"workflow_id":"w","target":"workflow:w","input":{{Input}} } }
            """);
        var read = await Client.Get($"/runs/{id}");

        Assert.True(answer.Status == 202, answer.ToString());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Input), answer["run"].GetProperty("input")));
        var stored = read["input"];
        Assert.Equal("123456789012345678901234567890", stored.GetProperty("big").GetRawText());
        Assert.Equal("1E400", stored.GetProperty("huge").GetRawText());
        Assert.Equal("1.0", stored.GetProperty("one").GetRawText());
        Assert.Equal("-0", stored.GetProperty("minus").GetRawText());
        Assert.Equal(3, stored.GetProperty("").GetInt32());
        Assert.Equal("\0 😀 ✓", stored.GetProperty("é").GetString());
    }

    [Fact]
    public async Task A_created_run_is_readable_at_once_and_equals_the_response()
    {
        var created = await Client.Create(TestRequests.TaskBody());

        var read = await Client.Get($"/runs/{created.GetProperty("run").GetProperty("run_id").GetString()}");

        Assert.Equal(200, read.Status);
        Assert.Equal(created.GetProperty("run").GetRawText(), read.Body.GetRawText());
    }

    [Fact]
    public async Task A_created_agent_run_is_listed_in_its_conversation_at_once()
    {
        var id = TestRequests.NewId();
        var conversation = TestRequests.NewUuid();

        var created = await Client.Create(TestRequests.AgentBody(id, conversation: conversation));
        var projection = await Client.Get($"/conversations/{conversation}/runs/{id}");
        var elsewhere = await Client.Get($"/conversations/{TestRequests.NewUuid()}/runs/{id}");

        Assert.Equal(conversation, created.GetProperty("conversation_id").GetString());
        Assert.Equal(200, projection.Status);
        Assert.Equal(created.GetProperty("message_id").GetString(), projection["message_id"].GetString());
        Assert.Equal("pending", projection["status"].GetString());
        Assert.Equal("writer", projection["agent_id"].GetString());
        Assert.Equal(0, projection["latest_event_id"].GetInt32());
        Assert.Equal(0, projection["latest_external_event_sequence"].GetInt32());
        elsewhere.AssertProblem(404);
    }

    [Fact]
    public async Task A_run_created_as_running_has_started()
    {
        var created = await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running" }));

        Assert.Equal("running", created.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(created.GetProperty("run").GetProperty("created_at").GetString(), created.GetProperty("run").GetProperty("started_at").GetString());
    }

    [Fact]
    public async Task A_repeated_create_returns_the_same_new_conversation()
    {
        var body = TestRequests.AgentBody().With("owner", new { kind = "project", id = RunsApplication.Project }).With("conversation_mode", "create_new");

        var first = await Client.Create(body);
        var again = await Client.Create(body);

        Assert.True(Guid.TryParse(first.GetProperty("conversation_id").GetString(), out _));
        Assert.Equal(first.GetProperty("conversation_id").GetString(), again.GetProperty("conversation_id").GetString());
        Assert.Equal(first.GetProperty("message_id").GetString(), again.GetProperty("message_id").GetString());
    }

    [Fact]
    public async Task A_child_joins_the_tree_of_its_parent()
    {
        var (root, child, grandchild) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await Client.Create(TestRequests.TaskBody(root));
        await Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));

        var created = await Client.Create(TestRequests.AgentBody(grandchild).With("parent_run_id", child).With("trigger", new { tool_call_id = "call_9" }));
        var children = await Client.Get($"/runs/{child}/children");
        var projection = await Client.Get($"/conversations/{RunsApplication.Conversation}/runs/{grandchild}");

        Assert.Equal(root, created.GetProperty("run").GetProperty("root_run_id").GetString());
        Assert.Equal([grandchild], children["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal("call_9", projection["spawned_from_tool_call_id"].GetString());
    }

    [Fact]
    public async Task An_unknown_parent_is_rejected_and_nothing_is_created()
    {
        var id = TestRequests.NewId();

        var refused = await Client.Post("/runs", TestRequests.TaskBody(id).With("parent_run_id", TestRequests.NewId()));

        refused.AssertProblem(404, "parent_run_id");
        (await Client.Get($"/runs/{id}")).AssertProblem(404);
    }

    [Fact]
    public async Task A_parent_of_another_tenant_is_not_found()
    {
        var parent = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(parent));

        using var other = application.CreateClient("vf_other_s_e_cret");
        var refused = await other.Post("/runs", TestRequests.TaskBody().With("parent_run_id", parent));

        refused.AssertProblem(404, "parent_run_id");
    }

    [Fact]
    public async Task A_reserved_run_is_accepted_once_when_its_input_arrives()
    {
        var id = TestRequests.NewId();
        var start = TestRequests.AgentBody(id, new { mode = "agent", agent_id = "writer", input = new { messages = new[] { "hello" } } });
        var reserved = await Client.Create(TestRequests.AgentBody(id, new { mode = "agent", agent_id = "writer", initial_status = "pending" }));

        var started = await Client.Create(start);
        var repeated = await Client.Create(start);

        Assert.Equal(JsonValueKind.Null, reserved.GetProperty("run").GetProperty("input").ValueKind);
        Assert.False(started.GetProperty("duplicate").GetBoolean());
        Assert.Equal("""{"messages":["hello"]}""", started.GetProperty("run").GetProperty("input").GetRawText());
        Assert.True(repeated.GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task Two_tenants_may_use_one_id()
    {
        var id = TestRequests.NewId();
        using var other = application.CreateClient("vf_other_s_e_cret");

        var ours = await Client.Create(TestRequests.TaskBody(id));
        var theirs = await other.Create(TestRequests.TaskBody(id));

        Assert.False(ours.GetProperty("duplicate").GetBoolean());
        Assert.False(theirs.GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task A_create_published_to_the_broker_creates_the_run()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = TestRequests.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = RunsApplication.Project },
            Request = new RawJson("""{"target":"task:from-the-broker","config":{"n":1.50}}"""),
        };

        await application.Bus.Publish(command);

        await Eventually.Holds(async () => (await Client.Get($"/runs/{command.RunId}")).Status == 200);
        var run = await Client.Get($"/runs/{command.RunId}");
        Assert.Equal("""{"n":1.50}""", run["config"].GetRawText());
    }
}
