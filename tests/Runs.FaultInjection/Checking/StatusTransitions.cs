using System.Text.Json;

namespace Runs.FaultInjection.Checking;

/// <summary>The life of a run, as the README draws it.</summary>
internal static class StatusTransitions
{
    /// <summary>Whether a run that was seen in one status may later be seen in another.</summary>
    public static bool CanFollow(string earlier, string later) => earlier switch
    {
        "pending" => true,
        "running" or "waiting" => later != "pending",
        _ => later == earlier,
    };
}
