using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>A query parameter that is a single line of text.</summary>
internal sealed class TextParameter(string name, string description, int maxLength) : RequestParameter(name, description)
{
    /// <summary>
    /// Reads the parameter, or null when it is absent. An invalid value is added to <paramref name="errors"/>.
    /// </summary>
    public string? Read(HttpRequest request, List<ValidationError> errors)
    {
        var text = GetQueryText(request);
        errors.AddIfInvalid(Name, FieldRules.CheckSingleLine(text, maxLength));
        return text;
    }

    protected override OpenApiSchema CreateSchema() => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength };
}
