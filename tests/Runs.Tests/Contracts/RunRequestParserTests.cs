using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class RunRequestParserTests
{
    [Fact]
    public void Every_member_of_an_agent_request_is_parsed()
    {
        const string Sent = """
            {
              "agent_id": "writer", "mode": "agent", "initial_status": "running",
              "implementation_kind": "my_Worker-1", "worker_key": "host.1:a_b-c",
              "source_target_kind": "preview_branch", "source_target_branch_id": "0C1D2E3F-AAAA-4222-8333-444455556666",
              "runtime_target_kind": "environment", "runtime_target_environment_id": "0C1D2E3F-AAAA-4222-8333-444455556666",
              "runtime_target_branch_id": null, "input": {"messages": [ 1.0 ]}, "x": 1e400
            }
            """;

        var (read, errors) = TestData.Parse("agent", Sent);

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                AgentId = "writer",
                Target = "agent:writer",
                InitialStatus = "running",
                ImplementationKind = "my_Worker-1",
                WorkerKey = "host.1:a_b-c",
                SourceTargetKind = "preview_branch",
                SourceTargetBranchId = TestData.Uuid,
                RuntimeTargetKind = "environment",
                RuntimeTargetEnvironmentId = TestData.Uuid,
                Input = new RawJson("""{"messages": [ 1.0 ]}"""),
                RemainingMembers = read.RemainingMembers,
            },
            read);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(TestData.WithMember(Sent, "input", null)), read.RemainingMembers.ToElement()));
        Assert.Contains("1e400", read.RemainingMembers.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_request_has_defaults()
    {
        var (read, errors) = TestData.Parse("agent", """{"agent_id":"writer"}""");

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                AgentId = "writer",
                Target = "agent:writer",
                InitialStatus = "pending",
                RemainingMembers = new RawJson("""{"agent_id":"writer"}"""),
            },
            read);
    }

    [Fact]
    public void Every_member_of_a_task_request_is_parsed()
    {
        var (read, errors) = TestData.Parse("task", $$"""
            {"target":"task:rebuild:index","name":"Nightly","batch_id":"{{TestData.Uuid}}","config":{"full":true},
             "timeout_seconds":1,"backoff_limit":0,"priority":-1,"start_after":"2026-09-01T04:00:00.1234567+02:00",
             "start_within_seconds":5,"input":"a task has no input"}
            """);

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "task:rebuild:index",
                InitialStatus = "pending",
                Name = "Nightly",
                BatchId = TestData.Uuid,
                Config = new RawJson("""{"full":true}"""),
                TimeoutSeconds = 1,
                BackoffLimit = 0,
                Priority = -1,
                StartAfter = new DateTimeOffset(2026, 9, 1, 2, 0, 0, TimeSpan.Zero).AddTicks(1_234_567),
                StartWithinSeconds = 5,
                RemainingMembers = read.RemainingMembers,
            },
            read);
        Assert.Equal("a task has no input", read.RemainingMembers.ToElement().GetProperty("input").GetString());
    }

    [Fact]
    public void Every_member_of_a_workflow_request_is_parsed()
    {
        var (read, errors) = TestData.Parse("workflow", """
            {"workflow_id":"a/b","target":"workflow:a/b","input":{},"start_mode":"now","config":7}
            """);

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "workflow:a/b",
                WorkflowId = "a/b",
                InitialStatus = "pending",
                StartMode = "now",
                Input = new RawJson("{}"),
                RemainingMembers = new RawJson("""{"workflow_id":"a/b","target":"workflow:a/b","start_mode":"now","config":7}"""),
            },
            read);
    }

    [Fact]
    public void Every_member_of_an_eval_request_is_parsed()
    {
        var (read, errors) = TestData.Parse("eval", """{"config":{},"target":"eval:e","input":{},"start_mode":"manual"}""");

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "eval:e",
                InitialStatus = "pending",
                StartMode = "manual",
                Input = new RawJson("{}"),
                Config = new RawJson("{}"),
                RemainingMembers = new RawJson("""{"target":"eval:e","start_mode":"manual"}"""),
            },
            read);
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("task")]
    [InlineData("workflow")]
    [InlineData("eval")]
    public void Every_kind_has_a_time_limit_retries_a_priority_and_a_delay(string kind)
    {
        const string Members = "\"timeout_seconds\":1,\"backoff_limit\":2,\"priority\":3,\"delay_seconds\":4,\"start_within_seconds\":5";

        var (read, errors) = TestData.Parse(kind, $$"""{{TestData.MinimalRequest(kind)[..^1]}},{{Members}}}""");

        Assert.Empty(errors);
        Assert.Equal((1, 2, 3, 4, 5), (
            read.TimeoutSeconds, read.BackoffLimit, read.Priority, read.DelaySeconds, read.StartWithinSeconds));
    }

    [Theory]
    [InlineData("task", "\"target\":\"task:t\",\"delay_seconds\":1,\"start_after\":\"2026-09-01T02:00:00Z\"", "/request/delay_seconds")]
    [InlineData("agent", "\"agent_id\":\"a\",\"initial_status\":\"running\",\"delay_seconds\":1", "/request/delay_seconds")]
    [InlineData(
        "agent", "\"agent_id\":\"a\",\"initial_status\":\"running\",\"start_after\":\"2026-09-01T02:00:00Z\"", "/request/start_after")]
    public void A_contradictory_delay_is_an_error(string kind, string members, string pointer)
    {
        var (_, errors) = TestData.Parse(kind, $$"""{{{members}}}""");

        Assert.Equal([pointer], errors.Select(error => error.Pointer));
    }

    [Fact]
    public void Former_values_are_mapped_to_current_ones()
    {
        var (read, errors) = TestData.Parse("agent", """{"agent_id":"a","mode":"default_chat","runtime_target_kind":"production"}""");

        Assert.Empty(errors);
        Assert.Equal("main_branch", read.RuntimeTargetKind);
    }

    [Theory]
    [InlineData("agent", """
        "mode": null, "initial_status": null, "implementation_kind": null, "worker_key": null, "source_target_kind": null,
        "source_target_environment_id": null, "source_target_branch_id": null, "source_target_release_version": null, "input": null
        """)]
    [InlineData("task", """
        "name": null, "batch_id": null, "config": null, "timeout_seconds": null, "backoff_limit": null
        """)]
    [InlineData("workflow", """
        "input": null, "start_mode": null
        """)]
    [InlineData("eval", """
        "input": null, "config": null, "start_mode": null
        """)]
    public void A_null_member_is_treated_as_absent(string kind, string nulls)
    {
        var minimal = TestData.MinimalRequest(kind);
        const string Targets = "\"runtime_target_kind\":null,\"runtime_target_environment_id\":null,\"runtime_target_branch_id\":null";
        var sent = $$"""{{minimal[..^1]}},{{Targets}},{{nulls}}}""";

        var (read, errors) = TestData.Parse(kind, sent);

        Assert.Empty(errors);
        Assert.Equal(TestData.Parse(kind, minimal).Request with { RemainingMembers = new RawJson(sent) }, read);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("main_branch", null, null)]
    [InlineData("environment", TestData.Uuid, null)]
    [InlineData("preview_branch", null, TestData.Uuid)]
    public void Runtime_target_combinations_of_existing_clients_are_accepted(string? kind, string? environment, string? branch)
    {
        var targets = JsonSerializer.Serialize(new
        {
            agent_id = "a",
            source_target_kind = kind,
            source_target_environment_id = environment,
            source_target_branch_id = branch,
            runtime_target_kind = kind,
            runtime_target_environment_id = environment,
            runtime_target_branch_id = branch,
        });

        Assert.Empty(TestData.Parse("agent", targets).Errors);
    }

    [Theory]
    [InlineData("""{"agent_id":"a","source_target_kind":"project"}""")]
    [InlineData("""{"agent_id":"a","source_target_kind":"release"}""")]
    [InlineData("""{"agent_id":"a","source_target_kind":"release","source_target_release_version":"1.2"}""")]
    public void All_other_source_targets_are_accepted(string request) => Assert.Empty(TestData.Parse("agent", request).Errors);

    [Theory]
    [InlineData("600", 600)]
    [InlineData("600.0", 600)]
    [InlineData("6e2", 600)]
    [InlineData("2147483647", int.MaxValue)]
    public void Integers_are_read_in_any_notation(string literal, int expected) =>
        Assert.Equal(expected, TestData.Parse("task", $$"""{"target":"task:t","timeout_seconds":{{literal}}}""").Request.TimeoutSeconds);
}
