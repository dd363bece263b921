namespace Runs.FaultInjection.Checking;

/// <summary>The order of the statuses of a run.</summary>
internal static class StatusTransitions
{
    /// <summary>Whether a run with the status has ended.</summary>
    public static bool IsFinal(string? status) => status is "completed" or "failed" or "cancelled";

    /// <summary>Whether a run that had one status can later have another.</summary>
    public static bool CanFollow(string earlier, string later) => earlier switch
    {
        "pending" => true,
        "running" or "waiting" => later != "pending",
        _ => later == earlier,
    };
}
