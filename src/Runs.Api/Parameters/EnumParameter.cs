using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>A query parameter that is one of the values of an enumeration.</summary>
internal sealed class EnumParameter(string name, string description, IReadOnlyList<string> allowedValues)
    : RequestParameter(name, description)
{
    /// <summary>
    /// Reads the parameter, or null when it is absent. An invalid value is added to <paramref name="errors"/>.
    /// </summary>
    public string? Read(HttpRequest request, List<ValidationError> errors)
    {
        var value = GetQueryText(request);
        errors.AddIfInvalid(Name, FieldRules.CheckOneOf(value, allowedValues));
        return value;
    }

    protected override OpenApiSchema CreateSchema() => new()
    {
        Type = JsonSchemaType.String,
        Enum = [.. allowedValues.Select(value => (JsonNode)value)],
    };
}
