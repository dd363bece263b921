using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.ContractGenerator;

/// <summary>
/// The generated files of <c>Runs.Contracts</c>: the AsyncAPI document and the JSON Schema of each message.
/// </summary>
internal static class ContractFiles
{
    /// <summary>The path of the AsyncAPI document.</summary>
    public const string AsyncApiPath = "asyncapi.yaml";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the path of each file, relative to the project of the contracts, and its content.</summary>
    public static IEnumerable<(string Path, string Content)> Generate() =>
    [
        (AsyncApiPath, Yaml.Serialize(AsyncApiDocument.Create())),
        .. ContractMessages.All.Select(message => (message.SchemaFile, GenerateSchema(message))),
    ];

    /// <summary>Returns the JSON Schema of one message.</summary>
    public static string GenerateSchema(ContractMessage message)
    {
        var schemas = new MessageSchemas("#/$defs/");
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = message.Urn,
            ["title"] = message.Name,
        };
        foreach (var (name, value) in schemas.CreateSchema(message.Type))
        {
            schema[name] = value!.DeepClone();
        }

        schema["examples"] = new JsonArray(JsonNode.Parse(message.Example));
        if (schemas.Definitions.Count > 0)
        {
            schema["$defs"] = new JsonObject(
                schemas.Definitions.Select(definition => KeyValuePair.Create(definition.Key, (JsonNode?)definition.Value)));
        }

        return schema.ToJsonString(Indented) + "\n";
    }
}
