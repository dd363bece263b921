namespace Runs.Store;

/// <summary>What a fire does while a run of its schedule is active: the values of <c>concurrency_policy</c>.</summary>
public static class ConcurrencyPolicies
{
    /// <summary>It creates its run.</summary>
    public const string Allow = "Allow";

    /// <summary>It is skipped.</summary>
    public const string Forbid = "Forbid";

    /// <summary>It cancels the active runs and creates its run.</summary>
    public const string Replace = "Replace";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Allow, Forbid, Replace];
}
