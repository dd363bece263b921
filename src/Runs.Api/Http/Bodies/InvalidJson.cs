using System.Buffers;
using System.Text.Json;

namespace Runs.Api.Http;

/// <summary>
/// Finds out why a body is not JSON that the service accepts. The parser's exception has no code for the reason, and
/// its message may quote the body, so the body is read again.
/// </summary>
internal static class InvalidJson
{
    /// <summary>
    /// Describes the error of a body that the parser has rejected. The description quotes nothing of it.
    /// </summary>
    public static string Describe(ReadOnlySequence<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = FieldLimits.MaxJsonDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                    && reader.CurrentDepth >= FieldLimits.MaxJsonDepth)
                {
                    return $"The body must not be nested deeper than {FieldLimits.MaxJsonDepth} levels.";
                }
            }
        }
        catch (JsonException exception)
        {
            return $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).";
        }

        // Every other rule of JSON is met.
        return "The body has an object with the same member name twice.";
    }
}
