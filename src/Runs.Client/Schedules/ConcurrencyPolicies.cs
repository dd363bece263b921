namespace Runs.Client;

/// <summary>What a schedule does at a time when one of its runs is active.</summary>
public static class ConcurrencyPolicies
{
    /// <summary>It creates another run.</summary>
    public const string Allow = "Allow";

    /// <summary>It creates none. The default.</summary>
    public const string Forbid = "Forbid";

    /// <summary>It cancels the active ones, and creates another run.</summary>
    public const string Replace = "Replace";
}
