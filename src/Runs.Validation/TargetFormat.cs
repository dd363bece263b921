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

    /// <summary>The id in place of which any id matches: every target of a kind.</summary>
    public const string Wildcard = "*";

    /// <summary>
    /// Checks the target of a worker: a target of any kind, or <c>task:*</c> and the like for every target of a kind.
    /// </summary>
    public static string? CheckWorkerTarget(string? text)
    {
        var kind = RunKinds.All.FirstOrDefault(kind => text is not null && IsTarget(text, kind));
        return kind is null || FieldRules.CheckSingleLine(text, GetMaxLength(kind)) is not null
            ? $"must be {string.Join(" or ", RunKinds.All.Select(GetPrefix))} and an id of 1-{FieldLimits.MaxTargetIdLength} "
                + $"characters, none of them a control character; or {Wildcard} for every target of the kind."
            : null;
    }

    /// <summary>The kind of <c>task:*</c> and the like; null for a single target.</summary>
    public static string? GetKindOfAll(string target) => RunKinds.All.FirstOrDefault(kind => target == GetPrefix(kind) + Wildcard);

    /// <summary>Whether the text is the prefix and an id of any length.</summary>
    public static bool IsTarget(string text, string kind) =>
        text.StartsWith(GetPrefix(kind), StringComparison.Ordinal) && text.Length >= GetMinLength(kind);
}
