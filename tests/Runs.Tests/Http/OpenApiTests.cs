using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>The description is what it was approved to be, has everything, and is true.</summary>
public sealed class OpenApiTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    private static readonly string Approved = Path.Combine(Repository.Root, "tests/Runs.Tests/Http/openapi.json");
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_description_is_the_approved_one()
    {
        var served = JsonSerializer.Serialize((await Description()).Root, Indented) + "\n";
        var received = Path.ChangeExtension(Approved, ".received.json");
        if (File.Exists(Approved) && await File.ReadAllTextAsync(Approved) == served)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, served);
        Assert.Fail($"The description of the API has changed. Compare, and if it is meant: mv {received} {Approved}");
    }

    [Fact]
    public async Task Every_route_is_described_and_nothing_else()
    {
        await using var server = RunsServer.Build(["--environment", "Development"]);
        var mapped = ((IEndpointRouteBuilder)server).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(route => (Path: "/" + route.RoutePattern.RawText!.Trim('/'), Methods: route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods))
            .Where(route => Regex.IsMatch(route.Path, "^/(runs|projects|conversations)"))
            .SelectMany(route => route.Methods!.Select(method => $"{method} {route.Path}"));

        var description = await Description();

        Assert.Equal(mapped.Order(), description.Operations.Select(operation => $"{operation.Method} {operation.Path}").Order());
    }

    [Fact]
    public async Task Every_operation_has_words_a_401_and_an_example()
    {
        var description = await Description();

        Assert.All(description.Operations, operation =>
        {
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(operation.Value.GetProperty("description").GetString()!);
            Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _));
            Assert.NotEmpty(description.Examples(operation.Value));
        });
    }

    [Fact]
    public async Task Every_example_is_as_described()
    {
        var description = await Description();

        Assert.Empty(description.Operations
            .SelectMany(operation => description.Examples(operation.Value).SelectMany(example => description.Wrong(example.Schema, example.Value, operation.Path))));
    }

    [Fact]
    public async Task The_creates_that_are_shown_are_accepted()
    {
        var description = await Description();
        await stack.Client.Create(Calls.Agent("run_root-3"));

        foreach (var (_, example) in description.Examples(description.Operation("POST", "/runs")))
        {
            if (example.TryGetProperty("request", out _))
            {
                var answer = await stack.Client.Post("/runs", example.GetRawText());
                Assert.True(answer.Status == 202, answer.ToString());
            }
        }
    }

    [Fact]
    public async Task Answers_are_as_described()
    {
        var (task, agent, conversation) = (Calls.NewId(), Calls.NewId(), Calls.NewUuid());
        var description = await Description();

        Check("POST", "/runs", await stack.Client.Post("/runs", Calls.Task(task)));
        Check("POST", "/runs", await stack.Client.Post("/runs", Calls.Agent(agent, conversation: conversation)));
        Check("POST", "/runs", await stack.Client.Post("/runs", Calls.Task(task).With("kind", "eval").With("request", new { target = "eval:e" })));
        Check("POST", "/runs", await stack.Client.Post("/runs", Calls.Task().Without("owner").With("kind", "job")));
        Check("POST", "/runs", await stack.Client.Post("/runs", "{"));
        Check("GET", "/runs/{run_id}", await stack.Client.Read($"/runs/{task}"));
        Check("GET", "/runs/{run_id}", await stack.Client.Read("/runs/unknown"));
        Check("GET", "/runs/{run_id}/children", await stack.Client.Read($"/runs/{task}/children"));
        Check("GET", "/projects/{project_reference}/runs", await stack.Client.Read($"/projects/{Stack.Project}/runs?limit=1"));
        Check("GET", "/projects/{project_reference}/runs", await stack.Client.Read($"/projects/{Stack.Project}/runs?limit=0"));
        Check("GET", "/conversations/{conversation_id}/runs", await stack.Client.Read($"/conversations/{conversation}/runs"));
        Check("GET", "/conversations/{conversation_id}/runs/{run_id}", await stack.Client.Read($"/conversations/{conversation}/runs/{agent}"));
        Check("POST", "/runs/{run_id}/complete", await stack.Client.Post($"/runs/{agent}/complete", new { status = "failed", terminal_error_code = "ABORTED" }));
        Check("POST", "/runs/{run_id}/complete", await stack.Client.Post($"/runs/{agent}/complete", new { status = "waiting" }));
        Check("POST", "/runs/{run_id}/cancel", await stack.Client.Post($"/runs/{task}/cancel"));
        using var stranger = stack.Caller(null);
        Check("GET", "/runs/{run_id}", await stranger.Read($"/runs/{task}"));

        void Check(string method, string path, Answer answer) => Assert.Empty(description.Wrong(method, path, answer));
    }

    [Fact]
    public async Task Answers_about_logs_are_as_described()
    {
        const string Runs = "/runs/{run_id}";
        const string Conversations = "/conversations/{conversation_id}/runs/{run_id}";
        var (run, conversation) = (Calls.NewId(), Calls.NewUuid());
        var at = $"/conversations/{conversation}/runs/{run}";
        var body = new { events = new[] { new { type = "CUSTOM", name = "n", value = 1 } } };
        var description = await Description();
        await stack.Client.Create(Calls.Agent(run, conversation: conversation));
        await stack.Client.Create(
            Calls.Agent(conversation: conversation).With("parent_run_id", run).With("trigger", new { conversation_id = conversation, tool_call_id = "c" }));

        Check("POST", $"{Runs}/events", await stack.Client.Post($"/runs/{run}/events", body));
        Check("POST", $"{Runs}/events", await stack.Client.Post($"/runs/{run}/events", new { events = Array.Empty<object>() }));
        Check("POST", $"{Conversations}/events", await stack.Client.Post($"{at}/events", body));
        Check("POST", $"{Conversations}/events", await stack.Client.Post($"/conversations/{run}/runs/{run}/events", body));
        Check("GET", $"{Runs}/events", await stack.Client.Read($"/runs/{run}/events?limit=1"));
        Check("GET", $"{Runs}/events", await stack.Client.Read($"/runs/{run}/events?after_event_id=x"));
        Check("GET", $"{Conversations}/events", await stack.Client.Read($"{at}/events?limit=500"));
        Check("GET", $"{Conversations}/snapshot", await stack.Client.Read($"{at}/snapshot"));
        Check("GET", $"{Conversations}/stream", await stack.Client.Read("/conversations/none/runs/none/stream"));
        Check("GET", $"{Conversations}/children", await stack.Client.Read($"{at}/children"));
        Check("GET", "/conversations/{conversation_id}/runs/children-by-parent-conversation",
            await stack.Client.Read($"/conversations/{conversation}/runs/children-by-parent-conversation?spawned_from_tool_call_id=c"));

        void Check(string method, string path, Answer answer) => Assert.Empty(description.Wrong(method, path, answer));
    }

    [Fact]
    public async Task Answers_about_waiting_are_as_described()
    {
        const string Requests = "/conversations/{conversation_id}/input-requests";
        var (run, conversation) = (Calls.NewId(), Calls.NewUuid());
        var at = $"/conversations/{conversation}/input-requests";
        var form = new { run_id = run, tool_call_id = "c2", requested_responder_type = "agent", title = "t", fields = new[] { 1 }, metadata = new { } };
        var description = await Description();
        await stack.Client.Create(Calls.Agent(run, conversation: conversation));

        Check("POST", "/runs/{run_id}/wait", await stack.Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "c1" }));
        Check("POST", "/runs/{run_id}/wait", await stack.Client.Post($"/runs/{run}/wait", new { reason = "event" }));
        Check("POST", "/runs/{run_id}/wait", await stack.Client.Post($"/runs/{run}/wait", new { reason = "rain" }));
        Check("GET", "/runs/{run_id}", await stack.Client.Read($"/runs/{run}?wait=61"));
        Check("GET", "/conversations/{conversation_id}/runs/{run_id}", await stack.Client.Read($"/conversations/{conversation}/runs/{run}"));
        Check("POST", "/runs/{run_id}/resume", await stack.Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "c1", result = 1 }));
        Check("POST", "/runs/{run_id}/resume", await stack.Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "c1", result = 2 }));
        var asked = await stack.Client.Post(at, form);
        Check("POST", Requests, asked);
        Check("POST", Requests, await stack.Client.Post(at, form));
        Check("POST", Requests, await stack.Client.Post(at, form with { tool_call_id = "c3" }));
        Check("GET", Requests, await stack.Client.Read($"{at}?status=open&run_id={run}"));
        Check("GET", Requests, await stack.Client.Read($"{at}?status=shut"));
        var request = $"{at}/{asked["id"]}";
        Check("GET", $"{Requests}/{{input_request_id}}", await stack.Client.Read(request));
        Check("POST", $"{Requests}/{{input_request_id}}/responses",
            await stack.Client.Post($"{request}/responses", new { values = new { a = "b", c = 1.5, d = (string?)null } }));
        Check("POST", $"{Requests}/{{input_request_id}}/cancel", await stack.Client.Post($"{request}/cancel"));
        Check("POST", $"{Requests}/{{input_request_id}}/cancel", await stack.Client.Post($"{at}/{Calls.NewUuid()}/cancel"));

        void Check(string method, string path, Answer answer) => Assert.Empty(description.Wrong(method, path, answer));
    }

    [Fact]
    public async Task A_run_that_is_known_already_is_answered_without_a_body_as_described()
    {
        var description = await Description();
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id));
        var known = (await stack.Client.Read($"/runs/{id}")).Headers["ETag"];

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{id}") { Headers = { { "If-None-Match", known } } };
        using var response = await stack.Client.SendAsync(request);
        var answer = await Answer.Of(response);

        Assert.Equal((304, known), (answer.Status, answer.Headers["ETag"]));
        Assert.Empty(description.Wrong("GET", "/runs/{run_id}", answer));
    }

    [Fact]
    public async Task The_appends_that_are_shown_make_the_log_that_is_shown()
    {
        const string Run = "/conversations/{conversation_id}/runs/{run_id}";
        var at = $"/conversations/{Stack.Conversation}/runs/run_child-7";
        var description = await Description();
        await stack.Client.Create(Calls.Agent("run_child-7"));

        var answers = new List<Answer>();
        foreach (var append in description.Requests("POST", "/runs/{run_id}/events").Select(append => JsonSerializer.Serialize(append)))
        {
            answers.Add(await stack.Client.Post("/runs/run_child-7/events", append));
            Assert.Equal(0, (await stack.Client.Post($"{at}/events", append))["appended_count"].GetInt32());
        }

        await stack.Client.Post("/runs/run_child-7/complete", new { status = "completed" });
        AssertEqual(description.Shown("POST", "/runs/{run_id}/events"), answers[0].Body);
        AssertEqual(description.Shown("GET", $"{Run}/events"), (await stack.Client.Read($"{at}/events")).Body);
        AssertEqual(description.Shown("GET", $"{Run}/snapshot"), (await stack.Client.Read($"{at}/snapshot")).Body);
        Assert.Equal(description.Shown("GET", $"{Run}/stream").GetString(), await stack.Client.GetStringAsync($"{at}/stream"));

        static void AssertEqual(JsonElement shown, JsonElement answered) => Assert.True(JsonElement.DeepEquals(shown, answered), answered.GetRawText());
    }

    [Fact]
    public async Task The_refusals_of_appends_that_are_shown_are_those_of_the_service()
    {
        var description = await Description();
        var (running, waiting, ended) = (await NewRun(), await NewRun(), await NewRun());
        await stack.Client.Post($"/runs/{waiting}/wait", new { reason = "event" });
        await stack.Client.Post($"/runs/{ended}/cancel");

        Answer[] refused =
        [
            await Append(running, "CUSTOM", cursor: 7),
            await Append(ended, "CUSTOM"),
            await Append(waiting, "CUSTOM"),
            await Append(running, "CUSTOM", size: 256 * 1024),
            await Append(running, "AGENT_RUN_MODEL_CALL_CONTEXT", size: 2_000_000),
            await Append(running, "RUN_ERROR"),
        ];

        Assert.Equal(
            description.Problems("POST", "/runs/{run_id}/events", 400).Select(Said),
            refused.Select(answer => Said(answer.Body)));

        Task<Answer> Append(string run, string type, int size = 0, long? cursor = null) => stack.Client.Post(
            $"/runs/{run}/events", new { expected_previous_event_id = cursor, events = new[] { new { type, value = new string('x', size) } } });

        async Task<string> NewRun()
        {
            var id = Calls.NewId();
            await stack.Client.Create(Calls.Task(id));
            return id;
        }

        static string Said(JsonElement problem) => $"{problem.GetProperty("status")} {problem.GetProperty("code")} {problem.GetProperty("detail")}";
    }

    [Fact]
    public async Task The_waits_and_the_results_that_are_shown_are_accepted()
    {
        var description = await Description();

        foreach (var wait in description.Requests("POST", "/runs/{run_id}/wait"))
        {
            Assert.True((await Wait(Calls.NewId(), wait.GetRawText()))["waiting"].GetBoolean());
        }

        foreach (var result in description.Requests("POST", "/runs/{run_id}/resume"))
        {
            var run = Calls.NewId();
            await Wait(run, JsonSerializer.Serialize(new { reason = "tool", tool_call_id = result.GetProperty("tool_call_id").GetString() }));

            Assert.False((await stack.Client.Post($"/runs/{run}/resume", result.GetRawText()))["duplicate"].GetBoolean());
            Assert.True((await stack.Client.Post($"/runs/{run}/resume", result.GetRawText()))["duplicate"].GetBoolean());
        }

        async Task<Answer> Wait(string run, string body)
        {
            await stack.Client.Create(Calls.Task(run));
            return await stack.Client.Post($"/runs/{run}/wait", body);
        }
    }

    [Fact]
    public async Task The_forms_and_the_responses_that_are_shown_are_accepted()
    {
        const string Requests = "/conversations/{conversation_id}/input-requests";
        var description = await Description();

        foreach (var form in description.Requests("POST", Requests))
        {
            var (run, at) = (Calls.NewId(), $"/conversations/{Stack.Conversation}/input-requests");
            await stack.Client.Create(Calls.Agent(run));
            var body = form.Deserialize<Dictionary<string, object?>>()!.With("run_id", run);

            var asked = await stack.Client.Post(at, body);
            Assert.Equal((201, 200), (asked.Status, (await stack.Client.Post(at, body)).Status));
            Assert.Equal($"{at}/{asked["id"]}", asked.Headers["Location"]);
            foreach (var response in description.Requests("POST", $"{Requests}/{{input_request_id}}/responses"))
            {
                var answered = await stack.Client.Post($"{at}/{asked["id"]}/responses", response.GetRawText());
                Assert.True(answered.Status == 200 && answered["status"].GetString() == "submitted", answered.ToString());
            }
        }
    }

    [Fact]
    public async Task The_page_to_read_it_needs_no_other_host()
    {
        var page = await stack.Client.GetStringAsync("/docs/");

        Assert.DoesNotContain("//", page.Replace("<!doctype html>", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"withDefaultFonts\":false", page, StringComparison.Ordinal);
        using var script = await stack.Client.GetAsync("/docs/scalar.js");
        Assert.True(script.IsSuccessStatusCode);
    }

    private async Task<Described> Description()
    {
        using var anyone = stack.Caller(null);
        return new Described((await anyone.Read("/openapi.json")).Body);
    }

    /// <summary>An OpenAPI document, and as much of JSON Schema as it uses. Members that are not described are wrong here.</summary>
    private sealed record Described(JsonElement Root)
    {
        public IEnumerable<(string Method, string Path, JsonElement Value)> Operations =>
            from path in Root.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select (operation.Name.ToUpperInvariant(), path.Name, operation.Value);

        public JsonElement Operation(string method, string path) =>
            Operations.Single(operation => operation.Method == method && operation.Path == path).Value;

        public JsonElement Resolve(JsonElement part) => !part.TryGetProperty("$ref", out var reference) ? part
            : Resolve(reference.GetString()!.Split('/')[1..].Aggregate(Root, (parent, name) => parent.GetProperty(name)));

        public IEnumerable<(JsonElement Schema, JsonElement Value)> Examples(JsonElement operation)
        {
            var bodies = operation.GetProperty("responses").EnumerateObject().Select(response => response.Value);
            return (operation.TryGetProperty("requestBody", out var request) ? bodies.Prepend(request) : bodies).SelectMany(ExamplesOf);
        }

        /// <summary>The bodies that are shown.</summary>
        public IEnumerable<JsonElement> Requests(string method, string path) =>
            ExamplesOf(Operation(method, path).GetProperty("requestBody")).Select(example => example.Value);

        /// <summary>The answer that is shown.</summary>
        public JsonElement Shown(string method, string path) =>
            ExamplesOf(Operation(method, path).GetProperty("responses").GetProperty("200")).Single().Value;

        /// <summary>The problems of a status that are shown.</summary>
        public IEnumerable<JsonElement> Problems(string method, string path, int status) =>
            ExamplesOf(Operation(method, path).GetProperty("responses").GetProperty($"{status}")).Select(example => example.Value);

        /// <summary>What of an answer is not as described.</summary>
        public IEnumerable<string> Wrong(string method, string path, Answer answer)
        {
            var response = Resolve(Operation(method, path).GetProperty("responses").GetProperty($"{answer.Status}"));
            return response.TryGetProperty("content", out var content)
                ? Wrong(content.GetProperty(answer.Headers["Content-Type"].Split(';')[0]).GetProperty("schema"), answer.Body, $"{method} {path}")
                : answer.Body.ValueKind == JsonValueKind.Undefined ? [] : [$"{method} {path} has a body"];
        }

        public IEnumerable<string> Wrong(JsonElement unresolved, JsonElement value, string at)
        {
            var schema = Resolve(unresolved);
            if (schema.TryGetProperty("oneOf", out var choices))
            {
                var tries = choices.EnumerateArray().Select(choice => Wrong(choice, value, at).ToArray()).ToArray();
                return tries.Count(wrong => wrong.Length == 0) == 1 ? [] : [$"{at} is none of its alternatives, or several", .. tries.SelectMany(wrong => wrong)];
            }

            return
            [
                .. schema.TryGetProperty("type", out var type) && !Types(type).Any(name => Has(value, name)) ? [$"{at} is no {type}: {value}"] : Array.Empty<string>(),
                .. schema.TryGetProperty("enum", out var members) && !members.EnumerateArray().Any(member => JsonElement.DeepEquals(member, value)) ? [$"{at} is no member: {value}"] : Array.Empty<string>(),
                .. value.ValueKind == JsonValueKind.String && !FitsText(schema, value.GetString()!) ? [$"{at} is malformed: {value}"] : Array.Empty<string>(),
                .. value.ValueKind == JsonValueKind.Object && (schema.TryGetProperty("properties", out _) || schema.TryGetProperty("additionalProperties", out _)) ? WrongMembers(schema, value, at) : [],
                .. value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items) ? value.EnumerateArray().SelectMany((item, index) => Wrong(items, item, $"{at}/{index}")) : [],
            ];
        }

        private IEnumerable<(JsonElement Schema, JsonElement Value)> ExamplesOf(JsonElement body)
        {
            var contents = Resolve(body).TryGetProperty("content", out var some) ? some.EnumerateObject().Select(content => content.Value) : [];
            foreach (var content in contents)
            {
                if (content.TryGetProperty("example", out var single))
                {
                    yield return (content.GetProperty("schema"), single);
                }
                else if (content.TryGetProperty("examples", out var named))
                {
                    foreach (var example in named.EnumerateObject())
                    {
                        yield return (content.GetProperty("schema"), example.Value.GetProperty("value"));
                    }
                }
            }
        }

        private IEnumerable<string> WrongMembers(JsonElement schema, JsonElement value, string at) =>
        [
            .. schema.TryGetProperty("required", out var required)
                ? required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}/{name} is missing")
                : [],
            .. value.EnumerateObject().SelectMany(member =>
                (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var described))
                    || schema.TryGetProperty("additionalProperties", out described)
                    ? Wrong(described, member.Value, $"{at}/{member.Name}")
                    : [$"{at}/{member.Name} is not described"]),
        ];

        private static IEnumerable<string?> Types(JsonElement type) =>
            type.ValueKind == JsonValueKind.String ? [type.GetString()] : type.EnumerateArray().Select(one => one.GetString());

        private static bool Has(JsonElement value, string? type) => value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => type == "boolean",
            JsonValueKind.Number => type == "number" || (type == "integer" && value.TryGetInt64(out _)),
            var kind => string.Equals(type, kind.ToString(), StringComparison.OrdinalIgnoreCase),
        };

        private static bool FitsText(JsonElement schema, string text) =>
            (!schema.TryGetProperty("minLength", out var min) || text.Length >= min.GetInt32())
            && (!schema.TryGetProperty("maxLength", out var max) || text.Length <= max.GetInt32())
            && (!schema.TryGetProperty("pattern", out var pattern) || Regex.IsMatch(text, pattern.GetString()!))
            && (!schema.TryGetProperty("format", out var format) || format.GetString() switch
            {
                "uuid" => Guid.TryParseExact(text, "D", out _),
                "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
                _ => true,
            });
    }
}
