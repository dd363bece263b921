using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Runs.ContractGenerator;

/// <summary>
/// Creates the JSON Schemas of messages from their types, <see cref="MemberRules"/> and doc comments. A doc comment
/// that begins with a vocabulary refers to the schema of that vocabulary.
/// </summary>
/// <param name="definitionsPrefix">The location of shared definitions in the document: <c>#/$defs/</c>.</param>
internal sealed class MessageSchemas(string definitionsPrefix)
{
    /// <summary>The types that the schemas created so far refer to, by name.</summary>
    public SortedDictionary<string, JsonObject> Definitions { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates the schema of a type: description, members, and which of them are required.</summary>
    public JsonObject CreateSchema(Type type)
    {
        var schema = new JsonObject { ["description"] = GetDescription(type) };
        var exporter = new JsonSchemaExporterOptions { TransformSchemaNode = Transform, TreatNullObliviousAsNonNullable = true };
        foreach (var (name, value) in JsonSerializerOptions.Default.GetJsonSchemaAsNode(type, exporter).AsObject())
        {
            schema[name] = name == "type" ? "object" : value!.DeepClone(); // the exporter allows null for every class
        }

        return schema;
    }

    /// <summary>The doc comment of a type: summary and remarks.</summary>
    public static string GetDescription(Type type) => DocComments.GetRemarks(type) is { } remarks
        ? $"{DocComments.GetSummary(type)}\n\n{remarks}"
        : DocComments.GetSummary(type);

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode exported)
    {
        if (context.PropertyInfo is not { AttributeProvider: PropertyInfo property } member)
        {
            return exported;
        }

        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var vocabulary = DocComments.FindVocabulary(property);
        var described = vocabulary is { } found ? Reference(found.Vocabulary, DescribeVocabulary)
            : type.Namespace == typeof(CreateRun).Namespace && type.IsClass ? Reference(type, CreateSchema)
            : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : DescribeMember(property, member.Name, type, exported);

        var schema = new JsonObject();
        if ((vocabulary?.Description ?? DocComments.GetSummary(property)) is { Length: > 0 } description)
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

    // A vocabulary without a list of all values is open.
    private static JsonObject DescribeVocabulary(Type vocabulary)
    {
        var constants = vocabulary.GetFields().Where(field => field.IsLiteral).ToList();
        var list = string.Concat(
            constants.Select(constant => $"\n- `{constant.GetRawConstantValue()}`: {DocComments.GetSummary(constant)}"));
        return new JsonObject
        {
            ["description"] = $"{DocComments.GetSummary(vocabulary)}\n{list}",
            ["type"] = "string",
            [vocabulary.GetProperty("All") is null ? "examples" : "enum"] =
                new JsonArray([.. constants.Select(constant => JsonValue.Create((string)constant.GetRawConstantValue()!))]),
        };
    }

    private static JsonObject DescribeMember(PropertyInfo property, string name, Type type, JsonNode exported)
    {
        var schema = new JsonObject();
        if (type != typeof(RawJson))
        {
            schema["type"] = (exported["type"] is JsonArray types ? types[0]! : exported["type"]!).DeepClone();
            if (exported["items"] is { } items)
            {
                schema["items"] = items.DeepClone();
            }
        }

        MemberRules.Find(property.DeclaringType!, name)?.AddTo(schema);
        return schema;
    }

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
