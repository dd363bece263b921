using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class CreateRunTests(EmbeddedApplication application) : CreateRunTests<EmbeddedApplication>(application);

public abstract class CreateRunTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_created_task_is_returned_with_every_member()
    {
        var id = TestRequests.NewId();

        var response = await Client.Post("/runs", TestRequests.TaskBody(id, new
        {
            target = "task:rebuild-index",
            name = "Nightly rebuild",
            runtime_target_kind = "main_branch",
            runtime_target_branch_id = (string?)null,
            config = new { full = true },
            timeout_seconds = 600,
            backoff_limit = 0,
        }));

        var created = response.Read<CreatedRun>(202);
        Assert.Equal((true, false), (created.Accepted, created.Duplicate));
        Assert.Equal(
            [
                "artifacts", "attempt", "backoff_limit", "batch_id", "completed_at", "config", "created_at", "created_by", "duration_ms",
                "error", "exit_code", "failed_attempts", "input", "kind", "lease_expires_at", "logs", "metadata", "next_attempt_at",
                "output", "owner", "parent_run_id", "priority", "root_run_id", "run_id", "runtime_target_branch_id",
                "runtime_target_environment_id", "runtime_target_kind", "schedule_id", "start_after", "start_before", "start_mode",
                "started_at", "status", "target", "timeout_seconds", "trigger_id", "trigger_kind", "updated_at", "waiting_reason",
                "workflow_id",
            ],
            response["run"].EnumerateObject().Select(member => member.Name).Order());
        var run = created.Run;
        Assert.Equal((id, id, "task", "pending"), (run.RunId, run.RootRunId, run.Kind, run.Status));
        Assert.Equal(("task:rebuild-index", "main_branch", "api"), (run.Target, run.RuntimeTargetKind, run.TriggerKind));
        Assert.Equal((600, 0), (run.TimeoutSeconds, run.BackoffLimit));
        Assert.Equal("[]", run.Artifacts.GetRawText());
        Assert.True(Guid.TryParse(run.CreatedBy, out _));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", run.CreatedAt);
        Assert.Matches(
            @"^queue;dur=\d+\.\d\d, saga;dur=\d+\.\d\d, store;dur=\d+\.\d\d, total;dur=\d+\.\d\d$", response.Headers["Server-Timing"]);
        Assert.DoesNotContain("saga;dur=0.00, store;dur=0.00", response.Headers["Server-Timing"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"kind":"workflow","request":{"workflow_id":"w1","target":"workflow:w1","input":{"a":1},"start_mode":"manual"}}""",
        "workflow:w1")]
    [InlineData("""{"kind":"eval","request":{"target":"eval:e1","input":{},"config":{"n":2},"start_mode":"manual"}}""", "eval:e1")]
    [InlineData("""{"kind":"agent","request":{"agent_id":"writer","mode":"default_chat"}}""", "agent:writer")]
    [InlineData("""{"kind":"task","request":{"target":"task:t1","runtime_target_kind":"production"}}""", "task:t1")]
    public async Task Every_kind_is_accepted_for_a_project(string body, string target)
    {
        var owner = $$"""{"kind":"project","id":"{{RunsApplication.Project}}"}""";

        var created = await Client.Create(body.Insert(1, $$""" "owner":{{owner}},"public_id":"{{TestRequests.NewId()}}", """));

        Assert.Equal(target, created.Run.Target);
        Assert.Null(created.ConversationId);
    }

    [Fact]
    public async Task Creates_without_an_id_each_generate_a_new_run()
    {
        var body = TestRequests.TaskBody().Without("public_id");

        var first = await Client.Create(body);
        var second = await Client.Create(body);

        Assert.StartsWith("run_", first.Run.RunId, StringComparison.Ordinal);
        Assert.NotEqual(first.Run.RunId, second.Run.RunId);
    }

    [Fact]
    public async Task Input_and_config_are_returned_exactly_as_sent()
    {
        const string Input = """
            {"a.b":1,"$set":2,"":3,"big":123456789012345678901234567890,"tiny":1e-400,"huge":1E400,"one":1.0,"minus":-0,"n":null,
             "é":"\u0000 \ud83d\ude00 ✓","deep":[[[[{"x":[]}]]]]}
            """;
        var id = TestRequests.NewId();

        var created = await Client.Create($$"""
            {"kind":"workflow","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},"public_id":"{{id}}",
             "request":{"workflow_id":"w","target":"workflow:w","input":{{Input}} } }
            """);
        var stored = (await Client.GetRun(id)).Input;

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Input), created.Run.Input));
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
        var id = TestRequests.NewId();
        var created = await Client.Post("/runs", TestRequests.TaskBody(id));

        var read = await Client.Get($"/runs/{id}");

        Assert.Equal(200, read.Status);
        Assert.Equal(created["run"].GetRawText(), read.Body.GetRawText());
    }

    [Fact]
    public async Task A_created_agent_run_is_listed_in_its_conversation_at_once()
    {
        var id = TestRequests.NewId();
        var conversation = TestRequests.NewUuid();

        var created = await Client.Create(TestRequests.AgentBody(id, conversation: conversation));
        var run = await Client.GetConversationRun(id, conversation);
        var elsewhere = await Client.Get(ApiPaths.ConversationRun(id, TestRequests.NewUuid()));

        Assert.Equal(conversation, created.ConversationId);
        Assert.Equal(created.MessageId, run.MessageId);
        Assert.Equal(("pending", "writer"), (run.Status, run.AgentId));
        Assert.Equal((0, 0), (run.LatestEventId, run.LatestExternalEventSequence));
        elsewhere.AssertProblem(404);
    }

    [Fact]
    public async Task A_run_created_as_running_has_started()
    {
        var run = (await Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running" }))).Run;

        Assert.Equal("running", run.Status);
        Assert.Equal(run.CreatedAt, run.StartedAt);
    }

    [Fact]
    public async Task A_repeated_create_returns_the_same_new_conversation()
    {
        var body = TestRequests.AgentBody()
            .With("owner", new { kind = "project", id = RunsApplication.Project })
            .With("conversation_mode", "create_new");

        var first = await Client.Create(body);
        var repeated = await Client.Create(body);

        Assert.True(Guid.TryParse(first.ConversationId, out _));
        Assert.Equal((first.ConversationId, first.MessageId), (repeated.ConversationId, repeated.MessageId));
    }

    [Fact]
    public async Task A_reserved_run_is_accepted_once_when_its_input_arrives()
    {
        var id = TestRequests.NewId();
        var input = new { messages = new[] { "hello" } };
        var reserve = TestRequests.AgentBody(id, new { mode = "agent", agent_id = "writer", initial_status = "pending" });
        var start = TestRequests.AgentBody(id, new { mode = "agent", agent_id = "writer", input });
        var reserved = await Client.Create(reserve);

        var started = await Client.Create(start);
        var repeated = await Client.Create(start);

        Assert.Equal(JsonValueKind.Null, reserved.Run.Input.ValueKind);
        Assert.False(started.Duplicate);
        Assert.Equal("""{"messages":["hello"]}""", started.Run.Input.GetRawText());
        Assert.True(repeated.Duplicate);
    }

    [Fact]
    public async Task Two_tenants_may_use_one_id()
    {
        var id = TestRequests.NewId();
        using var other = application.CreateClient(RunsApplication.OtherKey);

        Assert.False((await Client.Create(TestRequests.TaskBody(id))).Duplicate);
        Assert.False((await other.Create(TestRequests.TaskBody(id))).Duplicate);
    }
}
