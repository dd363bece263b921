using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Runs.Tests.Http;

/// <summary>
/// An OpenAPI document, and as much of JSON Schema as it uses. A member that is not described is an error.
/// </summary>
internal sealed record OpenApiDescription(JsonElement Root)
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

    /// <summary>The example bodies of an operation.</summary>
    public IEnumerable<JsonElement> RequestExamples(string method, string path) =>
        ExamplesOf(Operation(method, path).GetProperty("requestBody")).Select(example => example.Value);

    /// <summary>The example response of an operation.</summary>
    public JsonElement GetResponseExample(string method, string path) =>
        ExamplesOf(Operation(method, path).GetProperty("responses").GetProperty("200")).Single().Value;

    /// <summary>The example problems of an operation, with this status.</summary>
    public IEnumerable<JsonElement> ProblemExamples(string method, string path, int status) =>
        ExamplesOf(Operation(method, path).GetProperty("responses").GetProperty($"{status}")).Select(example => example.Value);

    /// <summary>The differences between a response and its description.</summary>
    public IEnumerable<string> FindErrors(string method, string path, ApiResponse answer)
    {
        var response = Resolve(Operation(method, path).GetProperty("responses").GetProperty($"{answer.Status}"));
        if (response.TryGetProperty("content", out var content))
        {
            var contentType = answer.Headers["Content-Type"].Split(';')[0];
            return FindErrors(content.GetProperty(contentType).GetProperty("schema"), answer.Body, $"{method} {path}");
        }

        return answer.Body.ValueKind == JsonValueKind.Undefined ? [] : [$"{method} {path} has a body"];
    }

    public IEnumerable<string> FindErrors(JsonElement unresolved, JsonElement value, string at)
    {
        var schema = Resolve(unresolved);
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            var errors = choices.EnumerateArray().Select(choice => FindErrors(choice, value, at).ToArray()).ToArray();
            return errors.Count(found => found.Length == 0) == 1
                ? []
                : [$"{at} matches none of its alternatives, or several", .. errors.SelectMany(found => found)];
        }

        return FindValueErrors(schema, value, at).Concat(value.ValueKind switch
        {
            JsonValueKind.Object when schema.TryGetProperty("properties", out _) || schema.TryGetProperty("additionalProperties", out _) =>
                FindMemberErrors(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().SelectMany((item, index) => FindErrors(items, item, $"{at}/{index}")),
            _ => [],
        });
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

    private static IEnumerable<string> FindValueErrors(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => HasType(value, name)))
        {
            yield return $"{at} is not of type {type}: {value}";
        }

        if (schema.TryGetProperty("enum", out var members)
            && !members.EnumerateArray().Any(member => JsonElement.DeepEquals(member, value)))
        {
            yield return $"{at} is not a value of the enumeration: {value}";
        }

        if (value.ValueKind == JsonValueKind.String && !FitsText(schema, value.GetString()!))
        {
            yield return $"{at} is malformed: {value}";
        }
    }

    private IEnumerable<string> FindMemberErrors(JsonElement schema, JsonElement value, string at) =>
    [
        .. schema.TryGetProperty("required", out var required)
            ? required.EnumerateArray()
                .Where(name => !value.TryGetProperty(name.GetString()!, out _))
                .Select(name => $"{at}/{name} is missing")
            : [],
        .. value.EnumerateObject().SelectMany(member =>
            (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var described))
                || schema.TryGetProperty("additionalProperties", out described)
                ? FindErrors(described, member.Value, $"{at}/{member.Name}")
                : [$"{at}/{member.Name} is not described"]),
    ];

    private static IEnumerable<string?> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.String ? [type.GetString()] : type.EnumerateArray().Select(one => one.GetString());

    private static bool HasType(JsonElement value, string? type) => value.ValueKind switch
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
