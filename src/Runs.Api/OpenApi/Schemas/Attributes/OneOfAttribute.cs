using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.OpenApi.Schemas;

/// <summary>Marks a string that is one of the values of an enumeration.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] values) : Attribute, ISchemaAttribute
{
    /// <summary>The values of a vocabulary, which are in its static property of this name.</summary>
    public OneOfAttribute(Type vocabulary, string list = "All")
        : this([.. (IReadOnlyList<string>)vocabulary.GetProperty(list)!.GetValue(null)!])
    {
    }

    public void ApplyTo(OpenApiSchema schema)
    {
        schema.Enum = [.. values.Select(value => (JsonNode)value)];
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Null))
        {
            schema.Enum.Add(JsonNullSentinel.JsonNull);
        }
    }
}
