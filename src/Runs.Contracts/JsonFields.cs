using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Runs.Contracts;

/// <summary>
/// Reads the members of a JSON object and notes everything that is wrong, each at its pointer. An absent optional member and a null are the same:
/// null. After a complaint the member reads as null too, so that the rest is still looked at. Members that nobody asks for are ignored.
/// </summary>
/// <remarks>Text has to be well formed; ask <see cref="FindIllFormedText"/> once for the whole body before reading it.</remarks>
internal readonly ref struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _pointer;
    private readonly ICollection<InvalidMember> _errors;

    /// <summary>Reads <paramref name="value"/>, which stands at <paramref name="pointer"/>; complains there, and then no more, when it is no object.</summary>
    public JsonFields(JsonElement value, string pointer, ICollection<InvalidMember> errors)
    {
        (_object, _pointer, _errors) = (value, pointer, errors);
        if (!IsObject)
        {
            errors.Add(new InvalidMember(pointer, pointer.Length == 0 ? "The body must be a JSON object." : "must be an object."));
        }
    }

    /// <summary>Whether there is an object to read.</summary>
    public bool IsObject => _object.ValueKind == JsonValueKind.Object;

    /// <summary>Whether the member is there and not null, be it right or wrong.</summary>
    public bool Has(string name) => Value(name) is { ValueKind: not JsonValueKind.Null };

    /// <summary>Any text that must be there, the empty one too.</summary>
    public string? RequiredText(string name) => Require(name) ? Text(name) : null;

    /// <summary>Any text.</summary>
    public string? Text(string name) => Find(name, JsonValueKind.String, "a string")?.GetString();

    /// <summary>A text that may be left out but not be null.</summary>
    public string? TextOrAbsent(string name)
    {
        if (Value(name) is { ValueKind: JsonValueKind.Null })
        {
            Complain(name, "must be a string, or be left out.");
            return null;
        }

        return Text(name);
    }

    /// <summary>A text of one line that must be there; <see cref="Limits.Line"/>.</summary>
    public string? RequiredLine(string name, int max) => Require(name) ? Line(name, max) : null;

    /// <summary>A text of one line; <see cref="Limits.Line"/>.</summary>
    public string? Line(string name, int max) => Text(name) is { } text ? Checked(name, text, Limits.Line(text, max)) : null;

    /// <summary>Letters and digits of ASCII and <paramref name="others"/>; <see cref="Limits.Word"/>.</summary>
    public string? Word(string name, int max, string others) =>
        Text(name) is { } text ? Checked(name, text, Limits.Word(text, max, others)) : null;

    /// <summary>A member of an enumeration; <paramref name="alias"/> is a former name of <paramref name="meaning"/>.</summary>
    public string? OneOf(string name, IReadOnlyList<string> members, string? alias = null, string? meaning = null) =>
        Text(name) is not { } text ? null : text == alias ? meaning : Checked(name, text, Limits.Member(text, members));

    /// <summary>A UUID in either case; comes back in lower case.</summary>
    public string? Uuid(string name) => Text(name) is { } text ? Checked(name, text, Limits.Uuid(text))?.ToLowerInvariant() : null;

    /// <summary>A time as RFC 3339 has it, with an offset.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (text.Length > 10 && (text.EndsWith('Z') || text.AsSpan(10).IndexOfAny('+', '-') >= 0)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time.ToUniversalTime();
        }

        Complain(name, "must be a time such as 2026-09-01T02:00:00.000Z.");
        return null;
    }

    /// <summary>A whole number within the bounds, also one that is spelled <c>1.0</c> or <c>1e3</c>.</summary>
    public long? Integer(string name, long min, long max)
    {
        if (Find(name, JsonValueKind.Number, "a whole number") is not { } value)
        {
            return null;
        }

        if (JsonNumber.TryInteger(JsonMarshal.GetRawUtf8Value(value), out var number) && number >= min && number <= max)
        {
            return number;
        }

        Complain(name, $"must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>True or false; false when absent.</summary>
    public bool Bool(string name)
    {
        switch (Value(name)?.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case null or JsonValueKind.False or JsonValueKind.Null:
                return false;
            default:
                Complain(name, "must be true or false.");
                return false;
        }
    }

    /// <summary>An object, as it was sent.</summary>
    public RawJson? Object(string name) => Raw(ObjectToRead(name));

    /// <summary>An object that must be there, to be read on.</summary>
    public JsonElement? RequiredObject(string name) => Require(name) ? ObjectToRead(name) : null;

    /// <summary>An object, to be read on.</summary>
    public JsonElement? ObjectToRead(string name) => Find(name, JsonValueKind.Object, "an object");

    /// <summary>An array that must be there, to be read on.</summary>
    public JsonElement? RequiredArray(string name) => Require(name) ? Find(name, JsonValueKind.Array, "an array") : null;

    /// <summary>An array, as it was sent.</summary>
    public RawJson? Array(string name) => Raw(Find(name, JsonValueKind.Array, "an array"));

    /// <summary>Any value, as it was sent; a null is a value here, and the result is null only when the member is absent.</summary>
    public RawJson? Any(string name) => Raw(Value(name));

    /// <summary>Any value that must be there, as it was sent; a null is a value here.</summary>
    public RawJson? RequiredAny(string name)
    {
        var value = Any(name);
        if (value is null && IsObject)
        {
            Complain(name, "is required; it may be null.");
        }

        return value;
    }

    /// <summary>Notes that <paramref name="name"/> is wrong.</summary>
    public void Complain(string name, string detail) => _errors.Add(new InvalidMember($"{_pointer}/{name}", detail));

    /// <summary>The first text or member name in a body that is no well-formed Unicode, or null.</summary>
    public static InvalidMember? FindIllFormedText(JsonElement value) => JsonText.FindIllFormed(value, "");

    private static RawJson? Raw(JsonElement? value) => value is { } json ? RawJson.From(json) : null;

    private string? Checked(string name, string text, string? wrong)
    {
        if (wrong is null)
        {
            return text;
        }

        Complain(name, wrong);
        return null;
    }

    private bool Require(string name)
    {
        if (!IsObject || Has(name))
        {
            return true;
        }

        Complain(name, "is required.");
        return false;
    }

    private JsonElement? Find(string name, JsonValueKind kind, string what)
    {
        if (Value(name) is not { ValueKind: not JsonValueKind.Null } value)
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        Complain(name, $"must be {what}.");
        return null;
    }

    private JsonElement? Value(string name) => IsObject && _object.TryGetProperty(name, out var value) ? value : null;
}
