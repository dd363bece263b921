using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Writes times in the contract's format, UTC with milliseconds and <c>Z</c>: <c>2026-09-01T02:00:00.000Z</c>.
/// </summary>
public sealed class UtcMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<char> text = stackalloc char[TimestampFormat.Length];
        value.UtcDateTime.TryFormat(text, out var length, TimestampFormat, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
