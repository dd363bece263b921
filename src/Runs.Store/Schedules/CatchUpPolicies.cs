namespace Runs.Store;

/// <summary>What happens to late fires: the values of <c>catch_up</c>.</summary>
public static class CatchUpPolicies
{
    /// <summary>Of several late fires, the last one creates a run.</summary>
    public const string Latest = "latest";

    /// <summary>Every late fire within the window creates a run.</summary>
    public const string Every = "all";

    /// <summary>Fires that are more than a minute late create no run.</summary>
    public const string None = "none";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Latest, Every, None];
}
