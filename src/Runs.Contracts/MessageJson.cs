using System.Text.Json;

namespace Runs.Contracts;

/// <summary>Checks the JSON values that messages carry. The HTTP API has checked its own; other publishers can send anything.</summary>
internal static class MessageJson
{
    // Any value of a body of 64 levels, which is what the HTTP API takes.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Notes what is wrong with the member at <paramref name="pointer"/>, if anything.</summary>
    public static void Check(this List<InvalidMember> errors, string pointer, string? wrong)
    {
        if (wrong is not null)
        {
            errors.Add(new InvalidMember(pointer, wrong));
        }
    }

    /// <summary>The value, to be disposed of; null after a complaint.</summary>
    public static JsonDocument? Read(RawJson value, string pointer, List<InvalidMember> errors)
    {
        if (value.Text is null)
        {
            errors.Check(pointer, "is required.");
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(value.Text, Strict);
            if (JsonText.FindIllFormed(document.RootElement, pointer) is not { } illFormed)
            {
                return document;
            }

            document.Dispose();
            errors.Add(illFormed);
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException)
        {
            errors.Check(pointer, "must be JSON of at most 64 levels, without a member name twice in an object.");
        }
        catch (InvalidOperationException)
        {
            errors.Check(pointer, JsonText.IllFormedName); // names are compared while parsing, and one of them cannot be read
        }

        return null;
    }

    /// <summary>Notes when the value is neither absent, nor null, nor of the kind that begins with <paramref name="opening"/>.</summary>
    public static void CheckKind(this List<InvalidMember> errors, string pointer, RawJson? value, char opening, string what)
    {
        var text = (value?.Text ?? "null").AsSpan().TrimStart();
        errors.Check(pointer, text is ['n', ..] || text.StartsWith([opening]) ? null : $"must be {what}.");
    }

    /// <summary>Notes text in the value that is no Unicode. A value without escapes is not parsed.</summary>
    public static void CheckText(this List<InvalidMember> errors, string pointer, RawJson? value)
    {
        if (value is { Text: { } text } && text.Contains("\\u", StringComparison.Ordinal))
        {
            Read(value.Value, pointer, errors)?.Dispose();
        }
    }
}
