using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class ReadingRequests
{
    [Fact]
    public void An_agent_request_is_read_whole()
    {
        const string Sent = """
            {
              "agent_id": "writer", "mode": "agent", "initial_status": "running", "implementation_kind": "my_Worker-1", "worker_key": "host.1:a_b-c",
              "source_target_kind": "preview_branch", "source_target_branch_id": "0C1D2E3F-AAAA-4222-8333-444455556666",
              "runtime_target_kind": "environment", "runtime_target_environment_id": "0C1D2E3F-AAAA-4222-8333-444455556666",
              "runtime_target_branch_id": null, "input": {"messages": [ 1.0 ]}, "x": 1e400
            }
            """;

        var (read, errors) = Some.Read("agent", Sent);

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                AgentId = "writer",
                Mode = "agent",
                Target = "agent:writer",
                InitialStatus = "running",
                ImplementationKind = "my_Worker-1",
                WorkerKey = "host.1:a_b-c",
                SourceTargetKind = "preview_branch",
                SourceTargetBranchId = Some.Uuid,
                RuntimeTargetKind = "environment",
                RuntimeTargetEnvironmentId = Some.Uuid,
                Input = new RawJson("""{"messages": [ 1.0 ]}"""),
                Rest = read.Rest,
            },
            read);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Some.With(Sent, "input", null)), read.Rest.Parse()));
        Assert.Contains("1e400", read.Rest.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_request_has_defaults()
    {
        var (read, errors) = Some.Read("agent", """{"agent_id":"writer"}""");

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                AgentId = "writer",
                Mode = "agent",
                Target = "agent:writer",
                InitialStatus = "pending",
                Rest = new RawJson("""{"agent_id":"writer"}"""),
            },
            read);
    }

    [Fact]
    public void A_task_request_is_read_whole()
    {
        var (read, errors) = Some.Read("task", $$"""
            {"target":"task:rebuild:index","name":"Nightly","batch_id":"{{Some.Uuid}}","config":{"full":true},"timeout_seconds":1,"backoff_limit":0,
             "input":"a task has no input"}
            """);

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "task:rebuild:index",
                InitialStatus = "pending",
                Name = "Nightly",
                BatchId = Some.Uuid,
                Config = new RawJson("""{"full":true}"""),
                TimeoutSeconds = 1,
                BackoffLimit = 0,
                Rest = read.Rest,
            },
            read);
        Assert.Equal("a task has no input", read.Rest.Parse().GetProperty("input").GetString());
    }

    [Fact]
    public void A_workflow_request_is_read_whole()
    {
        var (read, errors) = Some.Read("workflow", """{"workflow_id":"a/b","target":"workflow:a/b","input":{},"start_mode":"now","config":7}""");

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "workflow:a/b",
                WorkflowId = "a/b",
                InitialStatus = "pending",
                StartMode = "now",
                Input = new RawJson("{}"),
                Rest = new RawJson("""{"workflow_id":"a/b","target":"workflow:a/b","start_mode":"now","config":7}"""),
            },
            read);
    }

    [Fact]
    public void An_eval_request_is_read_whole()
    {
        var (read, errors) = Some.Read("eval", """{"config":{},"target":"eval:e","input":{},"start_mode":"manual"}""");

        Assert.Empty(errors);
        Assert.Equal(
            new RunRequest
            {
                Target = "eval:e",
                InitialStatus = "pending",
                StartMode = "manual",
                Input = new RawJson("{}"),
                Config = new RawJson("{}"),
                Rest = new RawJson("""{"target":"eval:e","start_mode":"manual"}"""),
            },
            read);
    }

    [Fact]
    public void Former_names_are_read_as_todays()
    {
        var (read, errors) = Some.Read("agent", """{"agent_id":"a","mode":"default_chat","runtime_target_kind":"production"}""");

        Assert.Empty(errors);
        Assert.Equal(("agent", "main_branch"), (read.Mode, read.RuntimeTargetKind));
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
    public void A_null_is_an_absent_member(string kind, string nulls)
    {
        var sent = $$"""{{Some.Request(kind)[..^1]}},"runtime_target_kind":null,"runtime_target_environment_id":null,"runtime_target_branch_id":null,{{nulls}}}""";

        var (read, errors) = Some.Read(kind, sent);

        Assert.Empty(errors);
        Assert.Equal(Some.Read(kind, Some.Request(kind)).Request with { Rest = new RawJson(sent) }, read);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("main_branch", null, null)]
    [InlineData("environment", Some.Uuid, null)]
    [InlineData("preview_branch", null, Some.Uuid)]
    public void The_target_combinations_that_clients_send_are_taken(string? kind, string? environment, string? branch)
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

        Assert.Empty(Some.Read("agent", targets).Errors);
    }

    [Theory]
    [InlineData("""{"agent_id":"a","source_target_kind":"project"}""")]
    [InlineData("""{"agent_id":"a","source_target_kind":"release"}""")]
    [InlineData("""{"agent_id":"a","source_target_kind":"release","source_target_release_version":"1.2"}""")]
    public void The_other_source_targets_are_taken(string request) => Assert.Empty(Some.Read("agent", request).Errors);

    [Theory]
    [InlineData("600", 600)]
    [InlineData("600.0", 600)]
    [InlineData("6e2", 600)]
    [InlineData("2147483647", int.MaxValue)]
    public void Whole_numbers_may_be_spelled_in_any_way(string literal, int expected) =>
        Assert.Equal(expected, Some.Read("task", $$"""{"target":"task:t","timeout_seconds":{{literal}}}""").Request.TimeoutSeconds);
}
