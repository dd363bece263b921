using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Runs.Validation;

/// <summary>
/// Finds ill-formed Unicode: bytes that are not UTF-8, and unpaired surrogates, which JSON escapes can represent (RFC
/// 8259, section 8.2). Decoding such text would throw, and no store would return it unchanged.
/// </summary>
internal static class UnicodeValidator
{
    /// <summary>
    /// The error text for an object with an ill-formed member name, or for a value that contains such an object.
    /// </summary>
    public const string IllFormedNameError = "must not have a member whose name is ill-formed Unicode.";

    private const string IllFormedStringError = "must be well-formed Unicode, without halves of surrogate pairs.";

    /// <summary>
    /// Returns the error for the first ill-formed string or member name, or null. A name is reported at its object. The
    /// members are searched only when the check of the whole value finds an escape or invalid UTF-8.
    /// </summary>
    public static ValidationError? FindFirstError(JsonElement value, string pointer)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return Utf8.IsValid(raw) && !raw.Contains("\\u"u8) ? null : SearchValue(value, pointer);
    }

    private static bool Contains(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => text.IndexOf(part) >= 0;

    private static ValidationError? SearchValue(JsonElement value, string pointer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return IsWellFormed(JsonMarshal.GetRawUtf8Value(value)) ? null : new ValidationError(pointer, IllFormedStringError);
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (SearchMember(item, pointer, index++.ToString(CultureInfo.InvariantCulture)) is { } found)
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
                        return new ValidationError(pointer, IllFormedNameError);
                    }

                    if (SearchMember(member.Value, pointer, member.Name) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static ValidationError? SearchMember(JsonElement member, string pointer, string name) =>
        member.ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object
            ? SearchValue(member, JsonDiff.AppendPointer(pointer, name) ?? pointer)
            : null;

    // The argument is the text of a valid JSON string, with or without the quotes; every \u in it has four hexadecimal
    // digits.
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
