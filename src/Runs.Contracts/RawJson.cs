using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// A JSON value of the user's, kept as its text: numbers of any size, member names of any shape and nulls come back as they were sent.
/// </summary>
/// <param name="Text">One complete JSON value, already validated.</param>
[JsonConverter(typeof(RawJsonConverter))]
public readonly record struct RawJson(string Text)
{
    /// <summary>The JSON value <c>null</c>.</summary>
    public static RawJson Null { get; } = new("null");

    /// <summary>The text of <paramref name="element"/> as it was read.</summary>
    public static RawJson From(JsonElement element) => new(element.GetRawText());

    /// <summary>The value as a document that owns its memory.</summary>
    public JsonElement Parse() => JsonElement.Parse(Text, new JsonDocumentOptions { MaxDepth = 256 });

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Reads and writes <see cref="RawJson"/> as the JSON value that it holds.</summary>
public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return RawJson.From(document.RootElement);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteRawValue(value.Text ?? "null", skipInputValidation: true);
    }
}
