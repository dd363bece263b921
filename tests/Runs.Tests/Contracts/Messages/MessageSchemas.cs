using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>
/// JSON Schemas read off the types of messages and their doc comments. Fixed words of a comment are also rules: "A UUID", "A JSON object",
/// "1-128 characters", "0 or more"; and a comment that begins with a vocabulary names the members of an enumeration.
/// </summary>
/// <param name="definitionsPrefix">Where shared definitions stand in the document: <c>#/$defs/</c>.</param>
internal sealed class MessageSchemas(string definitionsPrefix)
{
    private static readonly Dictionary<(Type, string), IReadOnlyList<string>> Enumerations = new()
    {
        [(typeof(CompleteRun), "status")] = RunStatuses.Terminal,
        [(typeof(RunFinished), "status")] = RunStatuses.Terminal,
        [(typeof(RunAccepted), "status")] = [RunStatuses.Pending, RunStatuses.Running],
        [(typeof(RunResource), "runtime_target_kind")] = ["main_branch", "environment", "preview_branch"],
    };

    /// <summary>The types that the schemas made so far refer to, by name.</summary>
    public SortedDictionary<string, JsonObject> Definitions { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of a type: description, members, and which of them are required.</summary>
    public JsonObject CreateSchema(Type type)
    {
        var schema = new JsonObject { ["description"] = GetDescription(type) };
        var exporter = new JsonSchemaExporterOptions { TransformSchemaNode = Transform, TreatNullObliviousAsNonNullable = true };
        foreach (var (name, value) in JsonSerializerOptions.Default.GetJsonSchemaAsNode(type, exporter).AsObject())
        {
            schema[name] = name == "type" ? "object" : value!.DeepClone(); // a class could be null anywhere; a message is not
        }

        return schema;
    }

    /// <summary>What a type promises: its doc comment.</summary>
    public static string GetDescription(Type type) =>
        DocComments.Remarks(type) is { } remarks ? $"{DocComments.Summary(type)}\n\n{remarks}" : DocComments.Summary(type);

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode exported)
    {
        if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property } member)
        {
            return exported;
        }

        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var vocabulary = DocComments.Vocabulary(property);
        var described = vocabulary is { } words ? Reference(words.Vocabulary, DescribeVocabulary)
            : type.Namespace == typeof(CreateRun).Namespace && type.IsClass ? Reference(type, CreateSchema)
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : type == typeof(RawJson) ? DescribeRawJson(DocComments.Summary(property))
            : DescribeMember(property.DeclaringType!, member.Name, DocComments.Summary(property), exported.AsObject());

        var schema = new JsonObject();
        if ((vocabulary?.Beyond ?? DocComments.Summary(property)) is { Length: > 0 } description)
        {
            schema["description"] = description;
        }

        foreach (var (name, value) in CanBeNull(member, type) ? MakeNullable(described) : described)
        {
            schema[name] = value?.DeepClone();
        }

        return schema;
    }

    private JsonObject Reference(Type type, Func<Type, JsonObject> describe)
    {
        if (!Definitions.ContainsKey(type.Name))
        {
            Definitions[type.Name] = describe(type);
        }

        return new JsonObject { ["$ref"] = definitionsPrefix + type.Name };
    }

    // A vocabulary that does not list its members is an open one.
    private static JsonObject DescribeVocabulary(Type vocabulary)
    {
        var words = vocabulary.GetFields().Where(field => field.IsLiteral).ToList();
        var list = string.Concat(words.Select(word => $"\n- `{word.GetRawConstantValue()}`: {DocComments.Summary(word)}"));
        var members = new JsonArray([.. words.Select(word => JsonValue.Create((string)word.GetRawConstantValue()!))]);
        var schema = new JsonObject { ["description"] = $"{DocComments.Summary(vocabulary)}\n{list}", ["type"] = "string" };
        schema[vocabulary.GetProperty("All") is null ? "examples" : "enum"] = members;
        return schema;
    }

    private static JsonObject DescribeRawJson(string description) => Regex.Match(description, "JSON (object|array)") is { Success: true } kind
        ? new JsonObject { ["type"] = kind.Groups[1].Value }
        : [];

    private static JsonObject DescribeMember(Type message, string name, string description, JsonObject exported)
    {
        var schema = new JsonObject { ["type"] = (exported["type"] is JsonArray types ? types[0]! : exported["type"]!).DeepClone() };
        if (exported["items"] is { } items)
        {
            schema["items"] = items.DeepClone();
        }

        if (Enumerations.TryGetValue((message, name), out var members))
        {
            schema["enum"] = new JsonArray([.. members.Select(member => JsonValue.Create(member))]);
        }

        if (name == "tenant")
        {
            (schema["minLength"], schema["maxLength"]) = (1, 128);
        }
        else if (name.EndsWith("run_id", StringComparison.Ordinal))
        {
            (schema["minLength"], schema["maxLength"], schema["pattern"]) = (1, 128, "^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$");
        }
        else
        {
            AddDocumentedLimits(schema, description);
        }

        return schema;
    }

    private static void AddDocumentedLimits(JsonObject schema, string description)
    {
        var text = description.Replace(",", "", StringComparison.Ordinal);
        if (Regex.Match(text, "([0-9]+)-([0-9]+) characters") is { Success: true } length)
        {
            (schema["minLength"], schema["maxLength"]) = (ParseNumber(length.Groups[1]), ParseNumber(length.Groups[2]));
        }

        if (Regex.Match(text, "[Aa]t most ([0-9]+) characters") is { Success: true } most)
        {
            schema["maxLength"] = ParseNumber(most.Groups[1]);
        }

        if (Regex.Match(text, "([0-9]+) or more") is { Success: true } least)
        {
            schema["minimum"] = ParseNumber(least.Groups[1]);
        }

        if (text.StartsWith("A UUID", StringComparison.Ordinal))
        {
            schema["format"] = "uuid";
        }

        if (text.StartsWith("A UUID in lower case", StringComparison.Ordinal))
        {
            schema["pattern"] = "^[0-9a-f-]{36}$";
        }
    }

    private static int ParseNumber(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static bool CanBeNull(JsonPropertyInfo member, Type type) =>
        (type != member.PropertyType || (!type.IsValueType && member.IsGetNullable))
        && !((PropertyInfo)member.AttributeProvider!).IsDefined(typeof(JsonIgnoreAttribute));

    private static JsonObject MakeNullable(JsonObject schema)
    {
        if (schema.ContainsKey("$ref"))
        {
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        }

        var nullable = schema.DeepClone().AsObject();
        if (nullable["type"] is { } type)
        {
            nullable["type"] = new JsonArray(type.DeepClone(), "null");
        }

        (nullable["enum"] as JsonArray)?.Add((JsonNode?)null);
        return nullable;
    }
}
