namespace Runs.Validation;

/// <summary>The format of a run's target: the run's kind, a colon and an id.</summary>
internal static class TargetFormat
{
    /// <summary>The part before the id.</summary>
    public static string GetPrefix(string kind) => $"{kind}:";

    /// <summary>The length of a target whose id has one character.</summary>
    public static int GetMinLength(string kind) => GetPrefix(kind).Length + 1;

    /// <summary>The length of a target whose id has <see cref="FieldLimits.MaxTargetIdLength"/> characters.</summary>
    public static int GetMaxLength(string kind) => GetPrefix(kind).Length + FieldLimits.MaxTargetIdLength;

    /// <summary>The regular expression that a target matches.</summary>
    public static string GetPattern(string kind) => $"^{GetPrefix(kind)}.+$";

    /// <summary>Whether the text is the prefix and an id of any length.</summary>
    public static bool IsTarget(string text, string kind) =>
        text.StartsWith(GetPrefix(kind), StringComparison.Ordinal) && text.Length >= GetMinLength(kind);
}
