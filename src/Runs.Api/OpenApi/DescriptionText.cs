namespace Runs.Api.OpenApi;

/// <summary>The text of a description, which XML comments and raw strings break into lines.</summary>
internal static class DescriptionText
{
    /// <summary>Removes the line breaks within paragraphs. Paragraphs are separated by an empty line.</summary>
    public static string? Unwrap(string? text) => text is null ? null : string.Join("\n\n", text.Split("\n\n").Select(JoinLines));

    private static string JoinLines(string paragraph) =>
        string.Join(' ', paragraph.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
