using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.Tests.Http;

/// <summary>
/// The limits of the description are those of the service: each value at a bound is accepted, and each value just
/// beyond it is rejected with the member's name.
/// </summary>
public sealed class OpenApiLimitTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    // A member that is allowed only together with other members, and these.
    private static readonly Dictionary<string, Action<JsonObject, JsonNode?>> Companions = new()
    {
        ["/request/workflow_id"] = (body, id) => body["request"]!["target"] = $"workflow:{id}",
        ["/conversation_mode"] = (body, _) => body["owner"]!["kind"] = "project",
        ["/owner/kind"] = (body, kind) => BelongToConversation(body, (string?)kind),
        ["/target/conversation_mode"] = (body, _) => body["target"]!["kind"] = "agent",
        ["/reason"] = (body, reason) => RemoveForm(body, (string?)reason),
        ["/request/source_target_release_version"] = (body, _) => body["request"]!["source_target_kind"] = "release",
    };

    [Fact]
    public async Task Bodies_are_accepted_at_every_bound_and_rejected_beyond_it()
    {
        var description = await GetDescription();
        var (checkedCount, errors) = (0, new List<string>());
        using var worker = await TestWorker.Register(application);
        var operations = description.Operations.Where(operation => operation.Value.TryGetProperty("requestBody", out _));
        foreach (var (method, path, operation) in operations)
        {
            foreach (var (schema, example) in GetBodies(description, operation))
            {
                foreach (var (pointer, bound) in FindBounds(description, schema, example, ""))
                {
                    checkedCount++;
                    var answer = await Send(worker, method, path, CreateBody(example, pointer, bound.Value).ToJsonString());
                    errors.AddRange(FindErrors(answer, pointer, bound, $"{method} {path}"));
                }
            }
        }

        Assert.Empty(errors);
        Assert.True(checkedCount > 200, $"{checkedCount} values were checked.");
    }

    [Fact]
    public async Task Query_parameters_are_accepted_at_every_bound_and_rejected_beyond_it()
    {
        var description = await GetDescription();
        var (run, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        await application.Client.Create(TestRequests.AgentBody(run, conversation: conversation));
        await application.Client.Post($"/runs/{run}/cancel"); // so that a long poll returns immediately
        var (checkedCount, errors) = (0, new List<string>());
        foreach (var (method, path, operation) in description.Operations.Where(operation => operation.Method == "GET"))
        {
            var parameters = operation.TryGetProperty("parameters", out var described) ? described.EnumerateArray() : default;
            foreach (var parameter in parameters.Where(parameter => parameter.GetProperty("in").GetString() == "query"))
            {
                var name = parameter.GetProperty("name").GetString()!;
                var bounds = SchemaBound.Find(parameter.GetProperty("schema"), "");
                foreach (var bound in bounds.Where(bound => bound.Value != "\"\"")) // an empty parameter counts as absent
                {
                    checkedCount++;
                    var text = bound.Value.Trim('"');
                    var answer = await application.Client.Get($"{FillPath(path, run, conversation)}?{name}={Uri.EscapeDataString(text)}");
                    errors.AddRange(FindErrors(answer, name, bound, $"{method} {path}"));
                }
            }
        }

        Assert.Empty(errors);
        Assert.True(checkedCount > 50, $"{checkedCount} values were checked.");
    }

    // The calls of a worker need its token. A claim with work does not wait.
    private async Task<ApiResponse> Send(TestWorker worker, string method, string path, string body)
    {
        if (path.EndsWith("/claim", StringComparison.Ordinal))
        {
            await worker.CreateTask();
        }

        var client = path.Contains("{worker_id}", StringComparison.Ordinal) ? worker.Client : application.Client;
        return await client.Send(new HttpMethod(method), FillPath(path).Replace("{worker_id}", worker.Id), body);
    }

    /// <summary>The schemas of an operation's bodies, without alternatives, each with an example.</summary>
    private static IEnumerable<(JsonElement Schema, JsonElement Example)> GetBodies(OpenApiDescription description, JsonElement operation)
    {
        var content = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
        var schema = description.Resolve(content.GetProperty("schema"));
        var alternatives = schema.TryGetProperty("oneOf", out var choices)
            ? choices.EnumerateArray().Select(description.Resolve)
            : [schema];
        var examples = content.GetProperty("examples").EnumerateObject().Select(example => example.Value.GetProperty("value")).ToList();
        return alternatives.Select(alternative =>
            (alternative, examples.First(example => !description.FindErrors(alternative, example, "").Any())));
    }

    private static IEnumerable<(string Pointer, SchemaBound Bound)> FindBounds(
        OpenApiDescription description, JsonElement unresolved, JsonElement example, string pointer)
    {
        var schema = description.Resolve(unresolved);
        var item = schema.TryGetProperty("items", out var items) && example.ValueKind == JsonValueKind.Array ? example[0] : default;
        foreach (var bound in SchemaBound.Find(schema, item.ValueKind == JsonValueKind.Undefined ? "" : item.GetRawText()))
        {
            yield return (pointer, bound);
        }

        var members = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject() : default;
        foreach (var member in members)
        {
            var value = example.ValueKind == JsonValueKind.Object && example.TryGetProperty(member.Name, out var found) ? found : default;
            foreach (var bound in FindBounds(description, member.Value, value, $"{pointer}/{member.Name}"))
            {
                yield return bound;
            }
        }

        if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (var bound in FindBounds(description, items, item, $"{pointer}/0"))
            {
                yield return bound;
            }
        }
    }

    // Each body creates another run, whose parent need not exist.
    private static JsonObject CreateBody(JsonElement example, string pointer, string value)
    {
        var body = JsonObject.Create(example.Clone())!;
        if (body.ContainsKey("public_id"))
        {
            body["public_id"] = TestRequests.NewId();
            body.Remove("parent_run_id");
        }

        var names = pointer.Split('/')[1..];
        var parent = names[..^1].Aggregate(
            (JsonNode)body, (node, name) => node is JsonArray array ? array[0]! : node[name] ??= new JsonObject());
        var newValue = JsonNode.Parse(value);
        parent.AsObject()[names[^1]] = newValue;
        if (Companions.TryGetValue(pointer, out var addCompanions))
        {
            addCompanions(body, newValue);
        }

        if (pointer == "/request/target" && body["request"]!["workflow_id"] is not null && (string?)newValue is ['w', ..] target)
        {
            body["request"]!["workflow_id"] = target[(target.IndexOf(':', StringComparison.Ordinal) + 1)..];
        }

        return body;
    }

    // Only agent runs belong to conversations.
    private static void BelongToConversation(JsonObject body, string? ownerKind)
    {
        if (ownerKind == "conversation")
        {
            body["kind"] = "agent";
            body["request"] = new JsonObject { ["agent_id"] = "writer" };
        }
    }

    // Only a wait for an input has a form.
    private static void RemoveForm(JsonObject body, string? reason)
    {
        if (reason != "input")
        {
            body.Remove("input_request");
        }
    }

    private static IEnumerable<string> FindErrors(ApiResponse answer, string member, SchemaBound bound, string operation)
    {
        var isRejected = answer.Status == 400 && answer.Body.TryGetProperty("errors", out var errors)
            && errors.EnumerateArray().Any(error => error.GetProperty("pointer").GetString() == member);
        return isRejected == bound.IsAllowed
            ? [$"{operation} {member} {bound.Bound}: {Shorten(bound.Value)} gets {answer.Status} {Shorten(answer.Body.ToString())}"]
            : [];
    }

    private static string Shorten(string text) => text.Length > 200 ? $"{text[..100]}… ({text.Length} characters)" : text;

    // By default the run does not exist: a body is validated before its run is read.
    private static string FillPath(string path, string run = "none", string? conversation = null) => path
        .Replace("{run_id}", run, StringComparison.Ordinal)
        .Replace("{project_reference}", RunsApplication.Project, StringComparison.Ordinal)
        .Replace("{conversation_id}", conversation ?? RunsApplication.Conversation, StringComparison.Ordinal)
        .Replace("{input_request_id}", TestRequests.NewUuid(), StringComparison.Ordinal)
        .Replace("{schedule_id}", TestRequests.NewUuid(), StringComparison.Ordinal);

    private async Task<OpenApiDescription> GetDescription()
    {
        using var anyone = application.CreateClient(null);
        return new OpenApiDescription((await anyone.Get("/openapi.json")).Body);
    }
}
