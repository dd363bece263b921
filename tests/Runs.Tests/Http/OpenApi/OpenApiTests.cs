using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>The OpenAPI document is the approved one, is complete, and agrees with the service.</summary>
public sealed class OpenApiTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private static readonly string ApprovedPath = Path.Combine(Repository.Root, "tests/Runs.Tests/Http/OpenApi/openapi.json");
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_description_is_the_approved_one()
    {
        var served = JsonSerializer.Serialize((await GetDescription()).Root, Indented) + "\n";
        var received = Path.ChangeExtension(ApprovedPath, ".received.json");
        if (File.Exists(ApprovedPath) && await File.ReadAllTextAsync(ApprovedPath) == served)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, served);
        Assert.Fail($"The description of the API has changed. Compare, and if it is meant: mv {received} {ApprovedPath}");
    }

    [Fact]
    public async Task The_description_covers_exactly_the_routes()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);
        var mapped = ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(route => (Path: "/" + route.RoutePattern.RawText!.Trim('/'), route.Metadata))
            .Where(route => Regex.IsMatch(route.Path, "^/(runs|projects|conversations|agent-workers)"))
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {route.Path}"));

        var description = await GetDescription();

        Assert.Equal(mapped.Order(), description.Operations.Select(operation => $"{operation.Method} {operation.Path}").Order());
    }

    [Fact]
    public async Task Every_reference_resolves()
    {
        var root = (await GetDescription()).Root;

        var references = Regex.Matches(root.GetRawText(), "\"[$]ref\": ?\"#/([^\"]+)\"")
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .ToList();

        Assert.True(references.Count > 50, $"{references.Count} references were checked.");
        Assert.All(references, reference =>
        {
            var value = root;
            foreach (var name in reference.Split('/'))
            {
                Assert.True(value.TryGetProperty(name, out value), reference);
            }
        });
    }

    [Fact]
    public async Task Every_parameter_of_a_path_is_described()
    {
        var description = await GetDescription();

        Assert.All(description.Operations, operation =>
        {
            var parameters = operation.Value.TryGetProperty("parameters", out var list) ? list.EnumerateArray() : default;
            var described = parameters
                .Select(description.Resolve)
                .Where(parameter => parameter.GetProperty("in").GetString() == "path")
                .Select(parameter => parameter.GetProperty("name").GetString());
            Assert.Equal(
                Regex.Matches(operation.Path, "{([a-z_]+)}").Select(match => match.Groups[1].Value).Order(), described.Order());
        });
    }

    [Fact]
    public async Task Every_operation_has_a_description_a_401_response_and_an_example()
    {
        var description = await GetDescription();

        Assert.All(description.Operations, operation =>
        {
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(operation.Value.GetProperty("description").GetString()!);
            Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _));
            Assert.NotEmpty(description.Examples(operation.Value));
        });
    }

    [Fact]
    public async Task Every_example_matches_its_schema()
    {
        var description = await GetDescription();

        Assert.Empty(
            from operation in description.Operations
            from example in description.Examples(operation.Value)
            from error in description.FindErrors(example.Schema, example.Value, operation.Path)
            select error);
    }

    [Fact]
    public async Task The_example_creates_are_accepted()
    {
        var description = await GetDescription();
        await application.Client.Create(TestRequests.AgentBody("run_root-3"));

        foreach (var (_, example) in description.Examples(description.Operation("POST", "/runs")))
        {
            if (example.TryGetProperty("request", out _))
            {
                var answer = await application.Client.Post("/runs", example.GetRawText());
                Assert.True(answer.Status == 202, answer.ToString());
            }
        }
    }

    [Fact]
    public async Task Run_responses_match_their_schemas()
    {
        var (task, agent, conversation) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewUuid());
        var description = await GetDescription();

        Check("POST", "/runs", await application.Client.Post("/runs", TestRequests.TaskBody(task)));
        Check("POST", "/runs", await application.Client.Post("/runs", TestRequests.AgentBody(agent, conversation: conversation)));
        var eval = TestRequests.TaskBody(task).With("kind", "eval").With("request", new { target = "eval:e" });
        Check("POST", "/runs", await application.Client.Post("/runs", eval));
        Check("POST", "/runs", await application.Client.Post("/runs", TestRequests.TaskBody().Without("owner").With("kind", "job")));
        Check("POST", "/runs", await application.Client.Post("/runs", "{"));
        Check("GET", "/runs/{run_id}", await application.Client.Get($"/runs/{task}"));
        Check("GET", "/runs/{run_id}", await application.Client.Get("/runs/unknown"));
        Check("GET", "/runs/{run_id}/children", await application.Client.Get($"/runs/{task}/children"));
        var projectRuns = $"/projects/{RunsApplication.Project}/runs";
        Check("GET", "/projects/{project_reference}/runs", await application.Client.Get($"{projectRuns}?limit=1"));
        Check("GET", "/projects/{project_reference}/runs", await application.Client.Get($"{projectRuns}?limit=0"));
        Check("GET", "/conversations/{conversation_id}/runs", await application.Client.Get($"/conversations/{conversation}/runs"));
        var conversationRun = await application.Client.Get($"/conversations/{conversation}/runs/{agent}");
        Check("GET", "/conversations/{conversation_id}/runs/{run_id}", conversationRun);
        var failure = new { status = "failed", terminal_error_code = "ABORTED" };
        Check("POST", "/runs/{run_id}/complete", await application.Client.Post($"/runs/{agent}/complete", failure));
        Check("POST", "/runs/{run_id}/complete", await application.Client.Post($"/runs/{agent}/complete", new { status = "waiting" }));
        Check("POST", "/runs/{run_id}/cancel", await application.Client.Post($"/runs/{task}/cancel"));
        using var stranger = application.CreateClient(null);
        Check("GET", "/runs/{run_id}", await stranger.Get($"/runs/{task}"));

        void Check(string method, string path, ApiResponse answer) => Assert.Empty(description.FindErrors(method, path, answer));
    }

    [Fact]
    public async Task Event_responses_match_their_schemas()
    {
        const string Runs = "/runs/{run_id}";
        const string Conversations = "/conversations/{conversation_id}/runs/{run_id}";
        var (run, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        var at = $"/conversations/{conversation}/runs/{run}";
        var body = new { events = new[] { new { type = "CUSTOM", name = "n", value = 1 } } };
        var description = await GetDescription();
        await application.Client.Create(TestRequests.AgentBody(run, conversation: conversation));
        await application.Client.Create(TestRequests.AgentBody(conversation: conversation)
            .With("parent_run_id", run)
            .With("trigger", new { conversation_id = conversation, tool_call_id = "c" }));

        Check("POST", $"{Runs}/events", await application.Client.Post($"/runs/{run}/events", body));
        Check("POST", $"{Runs}/events", await application.Client.Post($"/runs/{run}/events", new { events = Array.Empty<object>() }));
        Check("POST", $"{Conversations}/events", await application.Client.Post($"{at}/events", body));
        Check("POST", $"{Conversations}/events", await application.Client.Post($"/conversations/{run}/runs/{run}/events", body));
        Check("GET", $"{Runs}/events", await application.Client.Get($"/runs/{run}/events?limit=1"));
        Check("GET", $"{Runs}/events", await application.Client.Get($"/runs/{run}/events?after_event_id=x"));
        Check("GET", $"{Conversations}/events", await application.Client.Get($"{at}/events?limit=500"));
        Check("GET", $"{Conversations}/snapshot", await application.Client.Get($"{at}/snapshot"));
        Check("GET", $"{Conversations}/stream", await application.Client.Get("/conversations/none/runs/none/stream"));
        Check("GET", $"{Conversations}/children", await application.Client.Get($"{at}/children"));
        var spawned = $"/conversations/{conversation}/runs/children-by-parent-conversation?spawned_from_tool_call_id=c";
        Check("GET", "/conversations/{conversation_id}/runs/children-by-parent-conversation", await application.Client.Get(spawned));

        void Check(string method, string path, ApiResponse answer) => Assert.Empty(description.FindErrors(method, path, answer));
    }

    [Theory]
    [InlineData("/conversations/{conversation_id}/input-requests")]
    [InlineData("/runs/{run_id}/input-requests")]
    public async Task Wait_responses_match_their_schemas(string requests)
    {
        var (run, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        var at = requests.Replace("{conversation_id}", conversation).Replace("{run_id}", run);
        var form = new
        {
            run_id = run,
            tool_call_id = "c2",
            requested_responder_type = "agent",
            title = "t",
            fields = new[] { 1 },
            metadata = new { },
        };
        var description = await GetDescription();
        await application.Client.Create(TestRequests.AgentBody(run, conversation: conversation));

        var wait = new { reason = "tool", tool_call_id = "c1" };
        Check("POST", "/runs/{run_id}/wait", await application.Client.Post($"/runs/{run}/wait", wait));
        Check("POST", "/runs/{run_id}/wait", await application.Client.Post($"/runs/{run}/wait", new { reason = "event" }));
        Check("POST", "/runs/{run_id}/wait", await application.Client.Post($"/runs/{run}/wait", new { reason = "rain" }));
        Check("GET", "/runs/{run_id}", await application.Client.Get($"/runs/{run}?wait=61"));
        var conversationRun = await application.Client.Get($"/conversations/{conversation}/runs/{run}");
        Check("GET", "/conversations/{conversation_id}/runs/{run_id}", conversationRun);
        var result = new { type = "tool_result", tool_call_id = "c1", result = 1 };
        Check("POST", "/runs/{run_id}/resume", await application.Client.Post($"/runs/{run}/resume", result));
        Check("POST", "/runs/{run_id}/resume", await application.Client.Post($"/runs/{run}/resume", result with { result = 2 }));
        var asked = await application.Client.Post(at, form);
        Check("POST", requests, asked);
        Check("POST", requests, await application.Client.Post(at, form));
        Check("POST", requests, await application.Client.Post(at, form with { tool_call_id = "c3" }));
        Check("GET", requests, await application.Client.Get($"{at}?status=open&run_id={run}"));
        Check("GET", requests, await application.Client.Get($"{at}?status=shut"));
        var open = new { reason = "input", tool_call_id = "c2", input_request = form };
        Check("POST", "/runs/{run_id}/wait", await application.Client.Post($"/runs/{run}/wait", open));
        var request = $"{at}/{asked["id"]}";
        Check("GET", $"{requests}/{{input_request_id}}", await application.Client.Get(request));
        Check("POST", $"{requests}/{{input_request_id}}/responses",
            await application.Client.Post($"{request}/responses", new { values = new { a = "b", c = 1.5, d = (string?)null } }));
        Check("POST", $"{requests}/{{input_request_id}}/cancel", await application.Client.Post($"{request}/cancel"));
        Check("POST", $"{requests}/{{input_request_id}}/cancel", await application.Client.Post($"{at}/{TestRequests.NewUuid()}/cancel"));

        void Check(string method, string path, ApiResponse answer) => Assert.Empty(description.FindErrors(method, path, answer));
    }

    [Fact]
    public async Task Worker_responses_match_their_schemas()
    {
        const string Workers = "/agent-workers/projects/{project_reference}/workers";
        const string Worker = "/agent-workers/workers/{worker_id}";
        var path = WorkerClientExtensions.WorkersPath();
        var description = await GetDescription();
        var body = WorkerClientExtensions.WorkerBody();

        var registered = await application.Client.Post(path, body.With("targets", new[] { "task:*" }).With("metadata", new { a = 1 }));
        Check("POST", Workers, registered);
        Check("POST", Workers, await application.Client.Post(path, body));
        Check("POST", Workers, await application.Client.Post(path, "{}"));
        Check("POST", Workers, await application.Client.Post("/agent-workers/projects/none/workers", body));
        Check("GET", Workers, await application.Client.Get($"{path}?limit=1"));
        Check("GET", Workers, await application.Client.Get($"{path}?limit=0"));
        var worker = registered.Read<RegisteredWorker>(201);
        using var process = application.CreateWorkerClient(worker);
        Check("POST", $"{Worker}/heartbeat", await process.Heartbeat(worker.Worker.Id));
        Check("POST", $"{Worker}/heartbeat", await process.Heartbeat(worker.Worker.Id, "[]"));
        Check("POST", $"{Worker}/heartbeat", await application.Client.Heartbeat(worker.Worker.Id));
        Check("POST", Workers, await process.Post(path, body));
        Check("DELETE", Worker, await application.Client.RevokeWorker(worker.Worker.Id));
        Check("DELETE", Worker, await application.Client.RevokeWorker("none"));
        Check("POST", $"{Worker}/heartbeat", await process.Heartbeat(worker.Worker.Id));

        void Check(string method, string path, ApiResponse answer) => Assert.Empty(description.FindErrors(method, path, answer));
    }

    [Fact]
    public async Task A_not_modified_run_is_returned_without_a_body_as_described()
    {
        var description = await GetDescription();
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));
        var known = (await application.Client.Get($"/runs/{id}")).Headers["ETag"];

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{id}") { Headers = { { "If-None-Match", known } } };
        using var response = await application.Client.SendAsync(request);
        var answer = await ApiResponse.From(response);

        Assert.Equal((304, known), (answer.Status, answer.Headers["ETag"]));
        Assert.Empty(description.FindErrors("GET", "/runs/{run_id}", answer));
    }

    [Fact]
    public async Task The_example_appends_produce_the_example_log()
    {
        const string Run = "/conversations/{conversation_id}/runs/{run_id}";
        var at = $"/conversations/{RunsApplication.Conversation}/runs/run_child-7";
        var description = await GetDescription();
        await application.Client.Create(TestRequests.AgentBody("run_child-7"));

        var answers = new List<ApiResponse>();
        foreach (var example in description.RequestExamples("POST", "/runs/{run_id}/events"))
        {
            var append = JsonSerializer.Serialize(example); // without white space, as the stream shows it
            answers.Add(await application.Client.Post("/runs/run_child-7/events", append));
            Assert.Equal(0, (await application.Client.Post($"{at}/events", append))["appended_count"].GetInt32());
        }

        await application.Client.Post("/runs/run_child-7/complete", new { status = "completed" });
        AssertEqual(description.GetResponseExample("POST", "/runs/{run_id}/events"), answers[0].Body);
        AssertEqual(description.GetResponseExample("GET", $"{Run}/events"), (await application.Client.Get($"{at}/events")).Body);
        AssertEqual(description.GetResponseExample("GET", $"{Run}/snapshot"), (await application.Client.Get($"{at}/snapshot")).Body);
        var stream = await application.Client.GetStringAsync($"{at}/stream");
        Assert.Equal(description.GetResponseExample("GET", $"{Run}/stream").GetString(), stream);

        static void AssertEqual(JsonElement expected, JsonElement actual) =>
            Assert.True(JsonElement.DeepEquals(expected, actual), actual.GetRawText());
    }

    [Fact]
    public async Task The_example_append_problems_are_returned_by_the_service()
    {
        var description = await GetDescription();
        var (running, waiting, ended) = (await NewRun(), await NewRun(), await NewRun());
        await application.Client.Post($"/runs/{waiting}/wait", new { reason = "event" });
        await application.Client.Post($"/runs/{ended}/cancel");

        ApiResponse[] rejected =
        [
            await Append(running, "CUSTOM", cursor: 7),
            await Append(ended, "CUSTOM"),
            await Append(waiting, "CUSTOM"),
            await Append(running, "CUSTOM", size: 256 * 1024),
            await Append(running, "AGENT_RUN_MODEL_CALL_CONTEXT", size: 2_000_000),
            await Append(running, "RUN_ERROR"),
        ];

        Assert.Equal(
            description.ProblemExamples("POST", "/runs/{run_id}/events", 400).Select(Describe),
            rejected.Select(answer => Describe(answer.Body)));

        Task<ApiResponse> Append(string run, string type, int size = 0, long? cursor = null)
        {
            var events = new[] { new { type, value = new string('x', size) } };
            return application.Client.Post($"/runs/{run}/events", new { expected_previous_event_id = cursor, events });
        }

        async Task<string> NewRun()
        {
            var id = TestRequests.NewId();
            await application.Client.Create(TestRequests.TaskBody(id));
            return id;
        }

        static string Describe(JsonElement problem) =>
            $"{problem.GetProperty("status")} {problem.GetProperty("code")} {problem.GetProperty("detail")}";
    }

    [Fact]
    public async Task The_example_waits_and_results_are_accepted()
    {
        var description = await GetDescription();

        foreach (var wait in description.RequestExamples("POST", "/runs/{run_id}/wait"))
        {
            Assert.True((await Wait(TestRequests.NewId(), wait.GetRawText()))["waiting"].GetBoolean());
        }

        foreach (var result in description.RequestExamples("POST", "/runs/{run_id}/resume"))
        {
            var run = TestRequests.NewId();
            var toolCallId = result.GetProperty("tool_call_id").GetString();
            await Wait(run, JsonSerializer.Serialize(new { reason = "tool", tool_call_id = toolCallId }));

            Assert.False((await application.Client.Post($"/runs/{run}/resume", result.GetRawText()))["duplicate"].GetBoolean());
            Assert.True((await application.Client.Post($"/runs/{run}/resume", result.GetRawText()))["duplicate"].GetBoolean());
        }

        async Task<ApiResponse> Wait(string run, string body)
        {
            await application.Client.Create(TestRequests.TaskBody(run));
            return await application.Client.Post($"/runs/{run}/wait", body);
        }
    }

    [Theory]
    [InlineData("/conversations/{conversation_id}/input-requests")]
    [InlineData("/runs/{run_id}/input-requests")]
    public async Task The_example_input_requests_and_responses_are_accepted(string requests)
    {
        var description = await GetDescription();

        foreach (var form in description.RequestExamples("POST", requests))
        {
            var run = TestRequests.NewId();
            var at = requests.Replace("{conversation_id}", RunsApplication.Conversation).Replace("{run_id}", run);
            await application.Client.Create(TestRequests.AgentBody(run));
            var body = form.Deserialize<Dictionary<string, object?>>()!.With("run_id", run);

            var asked = await application.Client.Post(at, body);
            Assert.Equal((201, 200), (asked.Status, (await application.Client.Post(at, body)).Status));
            Assert.Equal($"{at}/{asked["id"]}", asked.Headers["Location"]);
            foreach (var response in description.RequestExamples("POST", $"{requests}/{{input_request_id}}/responses"))
            {
                var answered = await application.Client.Post($"{at}/{asked["id"]}/responses", response.GetRawText());
                Assert.True(answered.Status == 200 && answered["status"].GetString() == "submitted", answered.ToString());
            }
        }
    }

    [Fact]
    public async Task The_documentation_page_loads_nothing_from_other_hosts()
    {
        var page = await application.Client.GetStringAsync("/docs/");

        Assert.DoesNotContain("//", page.Replace("<!doctype html>", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"withDefaultFonts\":false", page, StringComparison.Ordinal);
        using var script = await application.Client.GetAsync("/docs/scalar.js");
        Assert.True(script.IsSuccessStatusCode);
    }

    private async Task<OpenApiDescription> GetDescription()
    {
        using var anyone = application.CreateClient(null);
        return new OpenApiDescription((await anyone.Get("/openapi.json")).Body);
    }
}
