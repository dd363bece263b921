using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Runs.Validation;

/// <summary>
/// Reads the members of a JSON object and adds every error, each at its pointer. An absent optional member and a null
/// both read as null. A member with an error reads as null too, so that the remaining members are still validated.
/// Members that are not read are ignored.
/// </summary>
/// <remarks>
/// Text must be well-formed Unicode: call <see cref="FindUnicodeError"/> once for the whole body before reading it.
/// </remarks>
internal readonly ref struct JsonObjectReader
{
    private readonly JsonElement _object;
    private readonly string _pointer;
    private readonly ICollection<ValidationError> _errors;

    /// <summary>
    /// Reads <paramref name="value"/>, located at <paramref name="pointer"/>. When it is not an object, adds one error
    /// there and no others.
    /// </summary>
    public JsonObjectReader(JsonElement value, string pointer, ICollection<ValidationError> errors)
    {
        (_object, _pointer, _errors) = (value, pointer, errors);
        if (!IsObject)
        {
            errors.Add(new ValidationError(pointer, pointer.Length == 0 ? "The body must be a JSON object." : "must be an object."));
        }
    }

    /// <summary>Whether the value is an object.</summary>
    public bool IsObject => _object.ValueKind == JsonValueKind.Object;

    /// <summary>Whether the member is present and not null, valid or invalid.</summary>
    public bool HasValue(string name) => GetProperty(name) is { ValueKind: not JsonValueKind.Null };

    /// <summary>Reads a required text of any content; it may be empty.</summary>
    public string? GetRequiredString(string name) => EnsurePresent(name) ? GetString(name) : null;

    /// <summary>Reads a text of any content.</summary>
    public string? GetString(string name) => GetPropertyOfKind(name, JsonValueKind.String, "a string")?.GetString();

    /// <summary>Reads a text that may be absent but not null.</summary>
    public string? GetOptionalNonNullString(string name)
    {
        if (GetProperty(name) is { ValueKind: JsonValueKind.Null })
        {
            AddError(name, "must be a string, or be left out.");
            return null;
        }

        return GetString(name);
    }

    /// <summary>Reads a required single-line text; see <see cref="FieldRules.CheckSingleLine"/>.</summary>
    public string? GetRequiredSingleLine(string name, int maxLength) =>
        EnsurePresent(name) ? GetSingleLine(name, maxLength) : null;

    /// <summary>Reads a single-line text; see <see cref="FieldRules.CheckSingleLine"/>.</summary>
    public string? GetSingleLine(string name, int maxLength) =>
        GetString(name) is { } text ? ReturnIfValid(name, text, FieldRules.CheckSingleLine(text, maxLength)) : null;

    /// <summary>
    /// Reads a text of ASCII letters, digits and <paramref name="extraCharacters"/>; see
    /// <see cref="FieldRules.CheckToken"/>.
    /// </summary>
    public string? GetToken(string name, int maxLength, string extraCharacters) =>
        GetString(name) is { } text ? ReturnIfValid(name, text, FieldRules.CheckToken(text, maxLength, extraCharacters)) : null;

    /// <summary>Reads a required token; see <see cref="GetToken"/>.</summary>
    public string? GetRequiredToken(string name, int maxLength, string extraCharacters) =>
        EnsurePresent(name) ? GetToken(name, maxLength, extraCharacters) : null;

    /// <summary>
    /// Reads a value of an enumeration; <paramref name="formerValue"/> is the former name of
    /// <paramref name="currentValue"/>.
    /// </summary>
    public string? GetOneOf(
        string name, IReadOnlyList<string> allowedValues, string? formerValue = null, string? currentValue = null)
    {
        if (GetString(name) is not { } text)
        {
            return null;
        }

        return text == formerValue ? currentValue : ReturnIfValid(name, text, FieldRules.CheckOneOf(text, allowedValues));
    }

    /// <summary>Reads a UUID in either case and returns it in lower case.</summary>
    public string? GetUuid(string name) =>
        GetString(name) is { } text ? ReturnIfValid(name, text, FieldRules.CheckUuid(text))?.ToLowerInvariant() : null;

    /// <summary>Reads a time in RFC 3339 format, with an offset.</summary>
    public DateTimeOffset? GetTimestamp(string name)
    {
        if (GetString(name) is not { } text)
        {
            return null;
        }

        if (text.Length > 10 && (text.EndsWith('Z') || text.AsSpan(10).IndexOfAny('+', '-') >= 0)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time.ToUniversalTime();
        }

        AddError(name, "must be a time such as 2026-09-01T02:00:00.000Z.");
        return null;
    }

    /// <summary>Reads a required whole number within bounds.</summary>
    public long? GetRequiredInteger(string name, long min, long max) => EnsurePresent(name) ? GetInteger(name, min, max) : null;

    /// <summary>Reads a whole number within the bounds; the spellings <c>1.0</c> and <c>1e3</c> are accepted.</summary>
    public long? GetInteger(string name, long min, long max)
    {
        if (GetPropertyOfKind(name, JsonValueKind.Number, "a whole number") is not { } value)
        {
            return null;
        }

        if (JsonNumber.TryParseInt64(JsonMarshal.GetRawUtf8Value(value), out var number) && number >= min && number <= max)
        {
            return number;
        }

        AddError(name, $"must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>Reads a boolean; false when absent.</summary>
    public bool GetBoolean(string name) => GetOptionalBoolean(name) ?? false;

    /// <summary>Reads a boolean.</summary>
    public bool? GetOptionalBoolean(string name)
    {
        switch (GetProperty(name)?.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case null or JsonValueKind.Null:
                return null;
            default:
                AddError(name, "must be true or false.");
                return null;
        }
    }

    /// <summary>Reads an object as its original text.</summary>
    public RawJson? GetRawObject(string name) => ToRawJson(GetObject(name));

    /// <summary>Reads a required object as an element.</summary>
    public JsonElement? GetRequiredObject(string name) => EnsurePresent(name) ? GetObject(name) : null;

    /// <summary>Reads the members of a required object; false if it is absent or not an object.</summary>
    public bool TryGetRequiredReader(string name, out JsonObjectReader member)
    {
        member = default;
        return EnsurePresent(name) && TryGetReader(name, out member);
    }

    /// <summary>Reads the members of an object; false if it is absent or not an object.</summary>
    public bool TryGetReader(string name, out JsonObjectReader member)
    {
        var value = GetObject(name);
        member = value is { } json ? new JsonObjectReader(json, $"{_pointer}/{name}", _errors) : default;
        return value is not null;
    }

    /// <summary>Reads an object as an element.</summary>
    public JsonElement? GetObject(string name) => GetPropertyOfKind(name, JsonValueKind.Object, "an object");

    /// <summary>Reads a required object as its original text.</summary>
    public RawJson? GetRequiredRawObject(string name) => ToRawJson(GetRequiredObject(name));

    /// <summary>Reads a required array as its original text.</summary>
    public RawJson? GetRequiredRawArray(string name) => ToRawJson(GetRequiredArray(name));

    /// <summary>Reads a required array as an element.</summary>
    public JsonElement? GetRequiredArray(string name) => EnsurePresent(name) ? GetArray(name) : null;

    /// <summary>Reads an array as an element.</summary>
    public JsonElement? GetArray(string name) => GetPropertyOfKind(name, JsonValueKind.Array, "an array");

    /// <summary>Reads an array as its original text.</summary>
    public RawJson? GetRawArray(string name) => ToRawJson(GetArray(name));

    /// <summary>
    /// Reads any value as its original text. A null is a value here: the result is null only when the member is absent.
    /// </summary>
    public RawJson? GetRawValue(string name) => ToRawJson(GetProperty(name));

    /// <summary>Reads a required value of any kind as its original text. A null is a value here.</summary>
    public RawJson? GetRequiredRawValue(string name)
    {
        var value = GetRawValue(name);
        if (value is null && IsObject)
        {
            AddError(name, "is required; it may be null.");
        }

        return value;
    }

    /// <summary>Adds an error for the member <paramref name="name"/>.</summary>
    public void AddError(string name, string detail) => _errors.Add(new ValidationError($"{_pointer}/{name}", detail));

    /// <summary>
    /// Returns the error for the first text or member name in a body that is not well-formed Unicode, or null.
    /// </summary>
    public static ValidationError? FindUnicodeError(JsonElement value) => UnicodeValidator.FindFirstError(value, "");

    private static RawJson? ToRawJson(JsonElement? value) => value is { } json ? RawJson.FromElement(json) : null;

    private string? ReturnIfValid(string name, string text, string? error)
    {
        if (error is null)
        {
            return text;
        }

        AddError(name, error);
        return null;
    }

    private bool EnsurePresent(string name)
    {
        if (!IsObject || HasValue(name))
        {
            return true;
        }

        AddError(name, "is required.");
        return false;
    }

    private JsonElement? GetPropertyOfKind(string name, JsonValueKind kind, string expected)
    {
        if (GetProperty(name) is not { ValueKind: not JsonValueKind.Null } value)
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        AddError(name, $"must be {expected}.");
        return null;
    }

    private JsonElement? GetProperty(string name) => IsObject && _object.TryGetProperty(name, out var value) ? value : null;
}
