using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Runs.Contracts;

/// <summary>
/// Finds text that is no Unicode: bytes that are no UTF-8, and halves of surrogate pairs, which JSON can spell (RFC 8259, section 8.2). Reading it
/// would throw, and no store would give it back.
/// </summary>
internal static class JsonText
{
    /// <summary>The complaint about an object, or about a value with such an object in it.</summary>
    public const string IllFormedName = "must not have a member whose name is ill-formed Unicode.";

    private const string IllFormed = "must be well-formed Unicode, without halves of surrogate pairs.";

    /// <summary>The first string or member name that is ill-formed; a name is reported at its object. A good value is looked at only as a whole.</summary>
    public static InvalidMember? FindIllFormed(JsonElement value, string pointer)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return Utf8.IsValid(raw) && !raw.Contains("\\u"u8) ? null : Search(value, pointer);
    }

    private static bool Contains(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => text.IndexOf(part) >= 0;

    private static InvalidMember? Search(JsonElement value, string pointer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return IsWellFormed(JsonMarshal.GetRawUtf8Value(value)) ? null : new InvalidMember(pointer, IllFormed);
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (SearchIn(item, pointer, index++.ToString(CultureInfo.InvariantCulture)) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (!IsWellFormed(JsonMarshal.GetRawUtf8PropertyName(member)))
                    {
                        return new InvalidMember(pointer, IllFormedName);
                    }

                    if (SearchIn(member.Value, pointer, member.Name) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static InvalidMember? SearchIn(JsonElement member, string pointer, string name) =>
        member.ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object
            ? Search(member, JsonDifferences.Step(pointer, name) ?? pointer)
            : null;

    // The text between the quotes, or with them: a valid JSON string, in which every \u has four hexadecimal digits.
    private static bool IsWellFormed(ReadOnlySpan<byte> raw)
    {
        if (!Utf8.IsValid(raw))
        {
            return false;
        }

        var afterHigh = false;
        while (raw.IndexOf((byte)'\\') is var next and >= 0)
        {
            var unit = raw[next + 1] == 'u' ? int.Parse(raw.Slice(next + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;
            if ((afterHigh && next > 0) || afterHigh != char.IsLowSurrogate((char)unit))
            {
                return false;
            }

            afterHigh = char.IsHighSurrogate((char)unit);
            raw = raw[(next + (raw[next + 1] == 'u' ? 6 : 2))..];
        }

        return !afterHigh;
    }
}
