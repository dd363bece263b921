using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A JSON value from a client, stored as its original text: numbers of any size, member names of any form and nulls are
/// returned exactly as they were sent.
/// </summary>
/// <param name="Text">One complete JSON value that has been validated.</param>
[JsonConverter(typeof(RawJsonConverter))]
public readonly record struct RawJson(string Text)
{
    private const int MaxDepth = 256; // more than the service accepts in a message

    /// <summary>The JSON value <c>null</c>.</summary>
    public static RawJson Null { get; } = new("null");

    /// <summary>Creates a value from the original text of <paramref name="element"/>.</summary>
    public static RawJson FromElement(JsonElement element) => new(element.GetRawText());

    /// <summary>Parses the value into an element that owns its memory.</summary>
    public JsonElement ToElement() => JsonElement.Parse(Text, new JsonDocumentOptions { MaxDepth = MaxDepth });

    /// <inheritdoc/>
    public override string ToString() => Text;
}
