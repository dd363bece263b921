using System.Text.Json;

namespace Runs.Lifecycle;

/// <summary>Writes optional members.</summary>
internal static class Utf8JsonWriterExtensions
{
    /// <summary>Writes a member, unless its value is null.</summary>
    public static void WriteStringIfPresent(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
