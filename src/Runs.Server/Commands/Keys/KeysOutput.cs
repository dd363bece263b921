using System.Globalization;
using System.Text.Json;

namespace Runs.Server.Commands;

/// <summary>The formats of the output of <see cref="KeysCommand"/>.</summary>
internal static class KeysOutput
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>Formats a value as JSON for programs.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, JsonOptions);

    /// <summary>Formats a time, or an empty text for none.</summary>
    public static string FormatTime(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";
}
