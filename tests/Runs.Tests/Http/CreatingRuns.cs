using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class CreatingRunsEmbedded(EmbeddedStack stack) : CreatingRuns<EmbeddedStack>(stack);

public abstract class CreatingRuns<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task A_task_is_accepted_and_every_member_of_the_run_is_there()
    {
        var id = Calls.NewId();

        var answer = await Client.Post("/runs", Calls.Task(id, new
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
            "owner":{"kind":"project","id":"{{Stack.Project}}"},"public_id":"{{Calls.NewId()}}",
            """));

        Assert.True(answer.Status == 202, answer.ToString());
        Assert.Equal(target, answer["run"].GetProperty("target").GetString());
        Assert.Equal(JsonValueKind.Null, answer["conversation_id"].ValueKind);
    }

    [Fact]
    public async Task A_run_without_an_id_gets_one_and_each_call_makes_another()
    {
        var body = Calls.Task().Without("public_id");

        var first = await Client.Create(body);
        var second = await Client.Create(body);

        Assert.StartsWith("run_", first.GetProperty("run").GetProperty("run_id").GetString());
        Assert.NotEqual(first.GetProperty("run").GetProperty("run_id").GetString(), second.GetProperty("run").GetProperty("run_id").GetString());
    }

    [Fact]
    public async Task Json_comes_back_exactly_as_it_was_sent()
    {
        const string Input = """{"a.b":1,"$set":2,"":3,"big":123456789012345678901234567890,"tiny":1e-400,"huge":1E400,"one":1.0,"minus":-0,"n":null,"é":"\u0000 \ud83d\ude00 ✓","deep":[[[[{"x":[]}]]]]}""";
        var id = Calls.NewId();

        var answer = await Client.Post("/runs", $$"""
            {"kind":"workflow","owner":{"kind":"project","id":"{{Stack.Project}}"},"public_id":"{{id}}",
             "request":{"workflow_id":"w","target":"workflow:w","input":{{Input}} } }
            """);
        var read = await Client.Read($"/runs/{id}");

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
    public async Task A_run_can_be_read_at_once_and_reads_as_it_was_answered()
    {
        var created = await Client.Create(Calls.Task());

        var read = await Client.Read($"/runs/{created.GetProperty("run").GetProperty("run_id").GetString()}");

        Assert.Equal(200, read.Status);
        Assert.Equal(created.GetProperty("run").GetRawText(), read.Body.GetRawText());
    }

    [Fact]
    public async Task An_agent_run_shows_in_its_conversation_at_once()
    {
        var id = Calls.NewId();
        var conversation = Calls.NewUuid();

        var created = await Client.Create(Calls.Agent(id, conversation: conversation));
        var projection = await Client.Read($"/conversations/{conversation}/runs/{id}");
        var elsewhere = await Client.Read($"/conversations/{Calls.NewUuid()}/runs/{id}");

        Assert.Equal(conversation, created.GetProperty("conversation_id").GetString());
        Assert.Equal(200, projection.Status);
        Assert.Equal(created.GetProperty("message_id").GetString(), projection["message_id"].GetString());
        Assert.Equal("pending", projection["status"].GetString());
        Assert.Equal("writer", projection["agent_id"].GetString());
        Assert.Equal(0, projection["latest_event_id"].GetInt32());
        Assert.Equal(0, projection["latest_external_event_sequence"].GetInt32());
        elsewhere.IsProblem(404);
    }

    [Fact]
    public async Task A_run_made_running_has_started()
    {
        var created = await Client.Create(Calls.Agent(request: new { agent_id = "writer", initial_status = "running" }));

        Assert.Equal("running", created.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(created.GetProperty("run").GetProperty("created_at").GetString(), created.GetProperty("run").GetProperty("started_at").GetString());
    }

    [Fact]
    public async Task A_new_conversation_is_the_same_for_a_repeat()
    {
        var body = Calls.Agent().With("owner", new { kind = "project", id = Stack.Project }).With("conversation_mode", "create_new");

        var first = await Client.Create(body);
        var again = await Client.Create(body);

        Assert.True(Guid.TryParse(first.GetProperty("conversation_id").GetString(), out _));
        Assert.Equal(first.GetProperty("conversation_id").GetString(), again.GetProperty("conversation_id").GetString());
        Assert.Equal(first.GetProperty("message_id").GetString(), again.GetProperty("message_id").GetString());
    }

    [Fact]
    public async Task A_child_joins_the_tree_of_its_parent()
    {
        var (root, child, grandchild) = (Calls.NewId(), Calls.NewId(), Calls.NewId());
        await Client.Create(Calls.Task(root));
        await Client.Create(Calls.Task(child).With("parent_run_id", root));

        var created = await Client.Create(Calls.Agent(grandchild).With("parent_run_id", child).With("trigger", new { tool_call_id = "call_9" }));
        var children = await Client.Read($"/runs/{child}/children");
        var projection = await Client.Read($"/conversations/{Stack.Conversation}/runs/{grandchild}");

        Assert.Equal(root, created.GetProperty("run").GetProperty("root_run_id").GetString());
        Assert.Equal([grandchild], children["data"].EnumerateArray().Select(run => run.GetProperty("run_id").GetString()));
        Assert.Equal("call_9", projection["spawned_from_tool_call_id"].GetString());
    }

    [Fact]
    public async Task An_unknown_parent_is_refused_and_nothing_is_created()
    {
        var id = Calls.NewId();

        var refused = await Client.Post("/runs", Calls.Task(id).With("parent_run_id", Calls.NewId()));

        refused.IsProblem(404, "parent_run_id");
        (await Client.Read($"/runs/{id}")).IsProblem(404);
    }

    [Fact]
    public async Task The_parent_of_another_tenant_is_unknown()
    {
        var parent = Calls.NewId();
        await Client.Create(Calls.Task(parent));

        using var other = stack.Caller("vf_other_s_e_cret");
        var refused = await other.Post("/runs", Calls.Task().With("parent_run_id", parent));

        refused.IsProblem(404, "parent_run_id");
    }

    [Fact]
    public async Task A_reserved_run_starts_with_its_input_once()
    {
        var id = Calls.NewId();
        var start = Calls.Agent(id, new { mode = "agent", agent_id = "writer", input = new { messages = new[] { "hello" } } });
        var reserved = await Client.Create(Calls.Agent(id, new { mode = "agent", agent_id = "writer", initial_status = "pending" }));

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
        var id = Calls.NewId();
        using var other = stack.Caller("vf_other_s_e_cret");

        var ours = await Client.Create(Calls.Task(id));
        var theirs = await other.Create(Calls.Task(id));

        Assert.False(ours.GetProperty("duplicate").GetBoolean());
        Assert.False(theirs.GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task Runs_of_other_publishers_are_created_all_the_same()
    {
        var command = new CreateRun
        {
            Tenant = "dev",
            RunId = Calls.NewId(),
            Kind = "task",
            Owner = new Owner { Kind = "project", Id = Stack.Project },
            Request = new RawJson("""{"target":"task:from-the-broker","config":{"n":1.50}}"""),
        };

        await stack.Bus.Publish(command);

        await Eventually.Holds(async () => (await Client.Read($"/runs/{command.RunId}")).Status == 200);
        var run = await Client.Read($"/runs/{command.RunId}");
        Assert.Equal("""{"n":1.50}""", run["config"].GetRawText());
    }
}
