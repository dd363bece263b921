using Microsoft.OpenApi;

namespace Runs.Api.Parameters;

/// <summary>The query parameter <c>cursor</c>: an opaque position in a list.</summary>
/// <param name="description">What the parameter does.</param>
/// <param name="decode">Decodes the cursor, or returns null when it is invalid.</param>
internal sealed class CursorParameter<T>(string description, Func<string, T?> decode) : RequestParameter("cursor", description)
    where T : struct
{
    /// <summary>
    /// Reads the cursor and its text, or nulls when it is absent. An invalid cursor is added to
    /// <paramref name="errors"/>.
    /// </summary>
    public (T? Position, string? Text) Read(HttpRequest request, List<ValidationError> errors)
    {
        var text = GetQueryText(request);
        var position = text is null ? null : decode(text);
        errors.AddIfInvalid(Name, text is not null && position is null ? "is not a cursor of this list." : null);
        return (position, text);
    }

    protected override OpenApiSchema CreateSchema() => new() { Type = JsonSchemaType.String };
}
