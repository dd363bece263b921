using System.Text.Json;

namespace Runs.Validation;

/// <summary>
/// Validates the JSON values in messages. The HTTP API has validated those that it sends; other publishers can send
/// anything.
/// </summary>
internal static class JsonValidation
{
    // Accepts any value of a body that the HTTP API accepts.
    private static readonly JsonDocumentOptions StrictOptions =
        new() { MaxDepth = FieldLimits.MaxJsonDepth, AllowDuplicateProperties = false };

    private static readonly string InvalidJsonDetail =
        $"must be JSON of at most {FieldLimits.MaxJsonDepth} levels, without a member name twice in an object.";

    /// <summary>
    /// Adds an error for the member at <paramref name="pointer"/>, unless <paramref name="detail"/> is null.
    /// </summary>
    public static void AddIfInvalid(this List<ValidationError> errors, string pointer, string? detail)
    {
        if (detail is not null)
        {
            errors.Add(new ValidationError(pointer, detail));
        }
    }

    /// <summary>
    /// Parses the value. Returns null after adding an error; otherwise the caller disposes of the document.
    /// </summary>
    public static JsonDocument? Parse(RawJson value, string pointer, List<ValidationError> errors)
    {
        if (value.Text is null)
        {
            errors.AddIfInvalid(pointer, "is required.");
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(value.Text, StrictOptions);
            if (UnicodeValidator.FindFirstError(document.RootElement, pointer) is not { } unicodeError)
            {
                return document;
            }

            document.Dispose();
            errors.Add(unicodeError);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            errors.AddIfInvalid(pointer, InvalidJsonDetail);
        }
        catch (InvalidOperationException)
        {
            // The parser compares member names, and one of them cannot be decoded.
            errors.AddIfInvalid(pointer, UnicodeValidator.IllFormedNameError);
        }

        return null;
    }

    /// <summary>
    /// Adds an error unless the value is absent, null, or of the kind that begins with
    /// <paramref name="firstCharacter"/>.
    /// </summary>
    public static void ValidateKind(this List<ValidationError> errors, string pointer, RawJson? value, char firstCharacter, string expected)
    {
        var text = (value?.Text ?? "null").AsSpan().TrimStart();
        errors.AddIfInvalid(pointer, text is ['n', ..] || text.StartsWith([firstCharacter]) ? null : $"must be {expected}.");
    }

    /// <summary>
    /// Adds an error when the value contains ill-formed Unicode. A value without <c>\u</c> escapes is not parsed.
    /// </summary>
    public static void ValidateUnicode(this List<ValidationError> errors, string pointer, RawJson? value)
    {
        if (value is { Text: { } text } && text.Contains("\\u", StringComparison.Ordinal))
        {
            Parse(value.Value, pointer, errors)?.Dispose();
        }
    }
}
