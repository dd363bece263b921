using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Runs.Validation;

/// <summary>
/// Rules for single members. Each check returns the error text, or null when the value is valid; a null value is always
/// valid. Lengths are in UTF-16 code units.
/// </summary>
internal static partial class FieldRules
{
    private const int UuidLength = 36;

    private static readonly string InvalidRunId =
        $"{DescribeToken(FieldLimits.MaxIdLength, FieldLimits.RunIdCharacters)} and not begin with a dot or colon.";

    /// <summary>
    /// Whether the text matches <see cref="FieldLimits.RunIdPattern"/> and is at most
    /// <see cref="FieldLimits.MaxIdLength"/> long: slightly wider than the pattern of the executing runtime.
    /// </summary>
    public static bool IsRunId(string? id) =>
        id is { Length: > 0 and <= FieldLimits.MaxIdLength }
        && id[0] is not ('.' or ':')
        && HasOnlyTokenCharacters(id, FieldLimits.RunIdCharacters);

    /// <summary>Checks that a required text is present.</summary>
    public static string? CheckRequired(string? text) => text is null ? "is required." : null;

    /// <summary>Checks a required run id.</summary>
    public static string? CheckRunId(string? id) => CheckRequired(id) ?? (IsRunId(id) ? null : InvalidRunId);

    /// <summary>
    /// Checks a single-line text: at least one character, and no control character that would break a log line, a
    /// header or a table (C0, DEL, C1).
    /// </summary>
    public static string? CheckSingleLine(string? text, int maxLength) =>
        text is null || (text.Length > 0 && text.Length <= maxLength && !HasControlCharacter(text))
            ? null
            : $"must be 1-{maxLength} characters, none of them a control character.";

    /// <summary>Checks for ASCII letters, digits and <paramref name="extraCharacters"/> only.</summary>
    public static string? CheckToken(string? text, int maxLength, string extraCharacters) =>
        text is null || (text.Length > 0 && text.Length <= maxLength && HasOnlyTokenCharacters(text, extraCharacters))
            ? null
            : $"{DescribeToken(maxLength, extraCharacters)}.";

    /// <summary>Checks the length of a text of any content, which may be empty.</summary>
    public static string? CheckLength(string? text, int maxLength) =>
        text?.Length > maxLength ? $"must not be longer than {maxLength} characters." : null;

    /// <summary>Checks for one of the values of an enumeration.</summary>
    public static string? CheckOneOf(string? text, IReadOnlyList<string> allowedValues) =>
        text is null || Contains(allowedValues, text) ? null : $"must be one of {string.Join(", ", allowedValues)}.";

    /// <summary>Checks for <see cref="FieldLimits.TraceParentPattern"/>.</summary>
    public static string? CheckTraceParent(string? text) =>
        text is null || TraceParent().IsMatch(text) ? null : "must be a traceparent of W3C Trace Context, version 00.";

    /// <summary>Checks the bounds of a number.</summary>
    public static string? CheckRange(int? number, int min, int max) =>
        number is null || (number >= min && number <= max) ? null : $"must be a whole number from {min} to {max}.";

    /// <summary>Checks for a UUID in either case; see <see cref="IsUuid"/>.</summary>
    public static string? CheckUuid(string? text) => text is null || IsUuid(text) ? null : "must be a UUID.";

    /// <summary>
    /// Checks for a UUID in lower case, the form in which UUIDs are stored and compared. Messages must use this form;
    /// the HTTP API converts what it receives to lower case.
    /// </summary>
    public static string? CheckLowerCaseUuid(string? text) =>
        CheckUuid(text) ?? (text.AsSpan().IndexOfAnyInRange('A', 'F') < 0 ? null : "must be a UUID in lower case.");

    /// <summary>
    /// Whether the text is a UUID with hyphens and without braces (RFC 9562). Stricter than <see cref="Guid"/>, which
    /// accepts surrounding white space.
    /// </summary>
    public static bool IsUuid(string text)
    {
        if (text.Length != UuidLength)
        {
            return false;
        }

        for (var i = 0; i < UuidLength; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The size in bytes of a value in a message or a store.</summary>
    public static int GetUtf8ByteCount(RawJson? json) => GetUtf8ByteCount(json?.Text);

    /// <summary>The size in bytes of a text in a message or a store.</summary>
    public static int GetUtf8ByteCount(string? text) => Encoding.UTF8.GetByteCount(text ?? "");

    /// <summary>
    /// Whether a value has more than <paramref name="maxBytes"/> bytes without white space and escapes, or more than
    /// <see cref="FieldLimits.RawSizeFactor"/> times as many with them. The second limit exists because the raw text is
    /// stored and sent.
    /// </summary>
    public static bool ExceedsSize(RawJson raw, JsonElement value, int maxBytes) =>
        GetUtf8ByteCount(raw) is var length && length > maxBytes
        && (length > (long)FieldLimits.RawSizeFactor * maxBytes || CanonicalJson.Canonicalize(value).WrittenCount > maxBytes);

    /// <summary>Checks the size of a value; see <see cref="ExceedsSize"/>.</summary>
    public static string? CheckSize(RawJson raw, JsonElement value, int maxBytes) => ExceedsSize(raw, value, maxBytes)
        ? $"must not be larger than {maxBytes / ByteSize.KiB} KB without white space, "
            + $"or {FieldLimits.RawSizeFactor * maxBytes / ByteSize.MiB} MB with it."
        : null;

    /// <summary>Whether <paramref name="text"/> is one of <paramref name="allowedValues"/>.</summary>
    public static bool Contains(IReadOnlyList<string> allowedValues, string? text)
    {
        for (var i = 0; i < allowedValues.Count; i++)
        {
            if (allowedValues[i] == text)
            {
                return true;
            }
        }

        return false;
    }

    private static string DescribeToken(int maxLength, string extraCharacters) =>
        $"must be 1-{maxLength} of {string.Join(' ', ["A-Z", "a-z", "0-9", .. extraCharacters.Select(character => $"{character}")])}";

    private static bool HasOnlyTokenCharacters(string text, string extraCharacters)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !extraCharacters.Contains(character))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasControlCharacter(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(FieldLimits.TraceParentPattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TraceParent();
}
