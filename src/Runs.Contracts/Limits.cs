using System.Text;
using System.Text.Json;

namespace Runs.Contracts;

/// <summary>
/// What single members must be. Each check says in words what is wrong with a text, or null when nothing is; a null text is always right. Lengths are
/// in UTF-16 code units.
/// </summary>
internal static class Limits
{
    /// <summary>The longest run id, tool call id, worker key and tenant.</summary>
    public const int Key = 128;

    /// <summary>The longest agent, task, workflow and eval id.</summary>
    public const int TargetId = 256;

    /// <summary>The longest name, and the bound of every short text for which the API names none.</summary>
    public const int Name = 255;

    private const int UuidLength = 36;

    // The raw text may be 16 times the limit: escapes take up to 6 times, the rest is for white space.
    private const int MaxRawFactor = 16;

    /// <summary><c>^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$</c>, 1-128: the executing runtime's own pattern, a bit wider.</summary>
    public static bool IsRunId(string? id) => id is { Length: > 0 and <= Key } && id[0] is not ('.' or ':') && ConsistsOf(id, "_.:-");

    /// <summary>A run's id, which must be there.</summary>
    public static string? RunId(string? id) =>
        id is null ? "is required." : IsRunId(id) ? null : "must be 1-128 of A-Z a-z 0-9 _ . : - and not begin with a dot or colon.";

    /// <summary>A text of one line: at least one character, and none that would break a log line, a header or a table (C0, DEL, C1).</summary>
    public static string? Line(string? text, int max) =>
        text is null || (text.Length > 0 && text.Length <= max && !HasControlCharacter(text))
            ? null
            : $"must be 1-{max} characters, none of them a control character.";

    /// <summary>Nothing but letters and digits of ASCII and <paramref name="others"/>.</summary>
    public static string? Word(string? text, int max, string others) =>
        text is null || (text.Length > 0 && text.Length <= max && ConsistsOf(text, others))
            ? null
            : $"must be 1-{max} of A-Z a-z 0-9 {string.Join(' ', others.AsEnumerable())}.";

    /// <summary>A member of an enumeration.</summary>
    public static string? Member(string? text, IReadOnlyList<string> members) =>
        text is null || Contains(members, text) ? null : $"must be one of {string.Join(", ", members)}.";

    /// <summary>A UUID in either case; see <see cref="IsUuid"/>.</summary>
    public static string? Uuid(string? text) => text is null || IsUuid(text) ? null : "must be a UUID.";

    /// <summary>A UUID as it is stored and compared. Messages have to bring it so; the HTTP API writes what it is sent in lower case.</summary>
    public static string? LowerCaseUuid(string? text) =>
        Uuid(text) ?? (text.AsSpan().IndexOfAnyInRange('A', 'F') < 0 ? null : "must be a UUID in lower case.");

    /// <summary>A UUID with hyphens and without braces (RFC 9562). Stricter than <see cref="Guid"/>, which takes blanks around it.</summary>
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

    /// <summary>The size of a value in a message or a store.</summary>
    public static int Utf8Length(RawJson? json) => Utf8Length(json?.Text);

    /// <summary>The size of a text in a message or a store.</summary>
    public static int Utf8Length(string? text) => Encoding.UTF8.GetByteCount(text ?? "");

    /// <summary>
    /// Whether a value has more than <paramref name="max"/> bytes without white space and escapes, or more than 16 times as many with them. The second limit is there because the
    /// raw text is what is stored and sent.
    /// </summary>
    public static bool IsLarger(RawJson text, JsonElement value, int max) =>
        Utf8Length(text) is var length && length > max && (length > (long)MaxRawFactor * max || CanonicalJson.Form(value).WrittenCount > max);

    /// <summary>Whether <paramref name="text"/> is one of <paramref name="members"/>.</summary>
    public static bool Contains(IReadOnlyList<string> members, string? text)
    {
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i] == text)
            {
                return true;
            }
        }

        return false;
    }

    private static bool ConsistsOf(string text, string others)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !others.Contains(character))
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
}
