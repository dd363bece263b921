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

        void Check(string method, string path, Answer answer)
        {
            var type = answer.Headers["Content-Type"].Split(';')[0];
            var response = description.Resolve(description.Operation(method, path).GetProperty("responses").GetProperty($"{answer.Status}"));
            Assert.Empty(description.Wrong(response.GetProperty("content").GetProperty(type).GetProperty("schema"), answer.Body, $"{method} {path}"));
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
            bodies = operation.TryGetProperty("requestBody", out var request) ? bodies.Prepend(request) : bodies;
            foreach (var content in bodies.SelectMany(body => Resolve(body).GetProperty("content").EnumerateObject()).Select(content => content.Value))
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
                .. value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) ? WrongMembers(schema, properties, value, at) : [],
                .. value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items) ? value.EnumerateArray().SelectMany((item, index) => Wrong(items, item, $"{at}/{index}")) : [],
            ];
        }

        private IEnumerable<string> WrongMembers(JsonElement schema, JsonElement properties, JsonElement value, string at) =>
        [
            .. schema.TryGetProperty("required", out var required)
                ? required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}/{name} is missing")
                : [],
            .. value.EnumerateObject().SelectMany(member =>
                properties.TryGetProperty(member.Name, out var described) ? Wrong(described, member.Value, $"{at}/{member.Name}") : [$"{at}/{member.Name} is not described"]),
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
