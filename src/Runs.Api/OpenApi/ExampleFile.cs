using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.OpenApi;

/// <summary>
/// The examples of an operation or of a problem response, from a JSON file in <c>Examples</c>. The tests post the
/// requests and check the responses against the OpenAPI document.
/// </summary>
internal sealed class ExampleFile
{
    private readonly JsonObject _content;

    private ExampleFile(JsonObject content) => _content = content;

    /// <summary>Examples of the request body, by name: the member <c>requests</c>.</summary>
    public Dictionary<string, IOpenApiExample>? Requests => GetNamed("requests");

    /// <summary>An example of the response: the member <c>response</c>. JSON, or the text of a stream.</summary>
    public JsonNode? Response => _content["response"]?.DeepClone();

    /// <summary>Examples of the response, by name: the member <c>responses</c>.</summary>
    public Dictionary<string, IOpenApiExample>? Responses => GetNamed("responses");

    /// <summary>Loads a file by its path without the extension.</summary>
    public static ExampleFile Load(string path)
    {
        using var file = typeof(ExampleFile).Assembly.GetManifestResourceStream($"examples/{path}.json")
            ?? throw new FileNotFoundException($"There is no file OpenApi/Examples/{path}.json.");
        return new ExampleFile(JsonNode.Parse(file)!.AsObject());
    }

    private Dictionary<string, IOpenApiExample>? GetNamed(string member) => _content[member]?.AsObject().ToDictionary(
        example => example.Key, IOpenApiExample (example) => new OpenApiExample { Value = example.Value?.DeepClone() });
}
