using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Runs.Contracts;

/// <summary>
/// JSON values by what they say, not by how they are spelled: the canonical form of RFC 8785. White space, the order of members, escapes and the
/// spelling of numbers make no difference; the order of an array does.
/// </summary>
/// <remarks>
/// As in RFC 8785 a number is the double nearest to it, so two integers beyond 2^53 may be one number; ids of that size belong in strings. A number
/// too large for any double (<c>1e400</c>), for which the RFC has no form, keeps its exact digits and so differs from every other number. Values have
/// to be I-JSON (RFC 7493): a lone surrogate throws <see cref="InvalidOperationException"/>, and an object with a member name twice has no one form.
/// </remarks>
public static class CanonicalJson
{
    /// <summary>SHA-256 of the canonical form, in lower-case hexadecimal: equal for equal values.</summary>
    public static string Fingerprint(JsonElement value) => Convert.ToHexStringLower(SHA256.HashData(Form(value).WrittenSpan));

    /// <summary>JSON Pointers (RFC 6901) to the members in which two values differ; see <see cref="JsonDifferences"/>.</summary>
    /// <returns>Nothing for equal values, at most 50 pointers otherwise, in the order of the canonical form.</returns>
    public static IReadOnlyList<string> Differences(JsonElement stored, JsonElement sent) => JsonDifferences.Between(stored, sent);

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

    /// <summary>The canonical form, in UTF-8.</summary>
    internal static ArrayBufferWriter<byte> Form(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>(512);
        Write(value, output);
        return output;
    }

    /// <summary>An object's members in the order of RFC 8785: by the UTF-16 code units of their names.</summary>
    internal static (string[] Names, JsonElement[] Values) Members(JsonElement value)
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
        var (names, values) = Members(value);
        output.Write("{"u8);
        for (var i = 0; i < names.Length; i++)
        {
            output.Write(i == 0 ? "\""u8 : ",\""u8);
            WriteEscaped(names[i], output);
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
            output.Write(raw); // nothing is escaped, and so nothing needs to be
            return;
        }

        output.Write("\""u8);
        WriteEscaped(value.GetString()!, output);
        output.Write("\""u8);
    }

    // RFC 8785, section 3.2.2.2: only what JSON does not allow in a string is escaped, in the shortest way there is.
    private static void WriteEscaped(string text, IBufferWriter<byte> output)
    {
        var rest = text.AsSpan();
        while (rest.IndexOfAny(MustBeEscaped) is var next and >= 0)
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
            _ => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)(character < 0x10 ? '0' : '1'), (byte)"0123456789abcdef"[character & 0xF]],
        };
        output.Write(escape);
    }

    private static readonly SearchValues<char> MustBeEscaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(code => (char)code), '"', '\\']);
}
