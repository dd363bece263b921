namespace Runs.Client;

/// <summary>What a schedule does about times that passed while no server ran.</summary>
public static class CatchUpPolicies
{
    /// <summary>It creates a run for the last of them.</summary>
    public const string Latest = "latest";

    /// <summary>It creates a run for each of them within the catch-up window.</summary>
    public const string All = "all";

    /// <summary>It creates no run for those that are more than a minute late.</summary>
    public const string None = "none";
}
