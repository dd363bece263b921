using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Runs.Validation;

/// <summary>
/// The canonical form of JSON values (RFC 8785), which depends on their meaning and not on their spelling. White space,
/// the order of members, escapes and the spelling of numbers make no difference; the order of an array does.
/// </summary>
/// <remarks>
/// As in RFC 8785, a number is represented by the nearest double, so two integers beyond 2^53 may be equal; ids of that
/// size belong in strings. A number too large for a double (<c>1e400</c>), for which the RFC defines no form, keeps its
/// exact digits and so differs from every other number. Values must be I-JSON (RFC 7493): a lone surrogate throws
/// <see cref="InvalidOperationException"/>, and an object with duplicate member names has no single form.
/// </remarks>
internal static class CanonicalJson
{
    private static readonly SearchValues<char> EscapedCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(code => (char)code), '"', '\\']);

    /// <summary>Returns the SHA-256 of the canonical form in lower-case hexadecimal; equal for equal values.</summary>
    public static string ComputeFingerprint(JsonElement value) =>
        Convert.ToHexStringLower(SHA256.HashData(Canonicalize(value).WrittenSpan));

    /// <summary>
    /// Returns JSON Pointers (RFC 6901) to the members in which two values differ; see <see cref="JsonDiff"/>.
    /// </summary>
    /// <returns>
    /// An empty list for equal values, otherwise at most 50 pointers, in the order of the canonical form.
    /// </returns>
    public static IReadOnlyList<string> FindDifferences(JsonElement stored, JsonElement sent) => JsonDiff.Compare(stored, sent);

    /// <summary>Writes the canonical form, in UTF-8.</summary>
    public static void Write(JsonElement value, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, output);
                break;
            case JsonValueKind.Array:
                WriteArray(value, output);
                break;
            case JsonValueKind.String:
                WriteString(value, output);
                break;
            case JsonValueKind.Number:
                JsonNumber.WriteCanonical(JsonMarshal.GetRawUtf8Value(value), output);
                break;
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            case JsonValueKind.Null:
                output.Write("null"u8);
                break;
            default:
                throw new ArgumentException("There is no JSON value.", nameof(value));
        }
    }

    /// <summary>Returns the canonical form, in UTF-8.</summary>
    internal static ArrayBufferWriter<byte> Canonicalize(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>(512);
        Write(value, output);
        return output;
    }

    /// <summary>
    /// Returns the members of an object in the order of RFC 8785: by the UTF-16 code units of their names.
    /// </summary>
    internal static (string[] Names, JsonElement[] Values) GetSortedProperties(JsonElement value)
    {
        var count = value.GetPropertyCount();
        var names = new string[count];
        var values = new JsonElement[count];
        var next = 0;
        foreach (var member in value.EnumerateObject())
        {
            names[next] = member.Name;
            values[next++] = member.Value;
        }

        Array.Sort(names, values, StringComparer.Ordinal);
        return (names, values);
    }

    private static void WriteObject(JsonElement value, IBufferWriter<byte> output)
    {
        var (names, values) = GetSortedProperties(value);
        output.Write("{"u8);
        for (var i = 0; i < names.Length; i++)
        {
            output.Write(i == 0 ? "\""u8 : ",\""u8);
            WriteEscapedText(names[i], output);
            output.Write("\":"u8);
            Write(values[i], output);
        }

        output.Write("}"u8);
    }

    private static void WriteArray(JsonElement value, IBufferWriter<byte> output)
    {
        output.Write("["u8);
        var isFirst = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!isFirst)
            {
                output.Write(","u8);
            }

            isFirst = false;
            Write(item, output);
        }

        output.Write("]"u8);
    }

    private static void WriteString(JsonElement value, IBufferWriter<byte> output)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (!raw.Contains((byte)'\\'))
        {
            output.Write(raw); // no character is escaped, so none needs escaping
            return;
        }

        output.Write("\""u8);
        WriteEscapedText(value.GetString()!, output);
        output.Write("\""u8);
    }

    // RFC 8785, section 3.2.2.2: only characters that JSON forbids in a string are escaped, in the shortest form.
    private static void WriteEscapedText(string text, IBufferWriter<byte> output)
    {
        var rest = text.AsSpan();
        while (rest.IndexOfAny(EscapedCharacters) is var next and >= 0)
        {
            Encoding.UTF8.GetBytes(rest[..next], output);
            WriteEscape(rest[next], output);
            rest = rest[(next + 1)..];
        }

        Encoding.UTF8.GetBytes(rest, output);
    }

    private static void WriteEscape(char character, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> escape = character switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\b' => "\\b"u8,
            '\f' => "\\f"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            _ =>
            [
                (byte)'\\', (byte)'u', (byte)'0', (byte)'0',
                (byte)(character < 0x10 ? '0' : '1'),
                (byte)"0123456789abcdef"[character & 0xF],
            ],
        };
        output.Write(escape);
    }
}
