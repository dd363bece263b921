namespace Runs.Store;

/// <summary>Where a schedule is defined: the values of <c>definition_source</c>.</summary>
public static class DefinitionSources
{
    /// <summary>By a call of the API.</summary>
    public const string Manual = "manual";

    /// <summary>In the source of its project.</summary>
    public const string Source = "source";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Manual, Source];
}
