namespace Runs.Store;

/// <summary>What a decided fire does.</summary>
public static class ScheduleDecisions
{
    /// <summary>It creates its run.</summary>
    public const string Create = "create";

    /// <summary>It cancels the recorded runs, then creates its run.</summary>
    public const string Replace = "replace";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Create, Replace];
}
