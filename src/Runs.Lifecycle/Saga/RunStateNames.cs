using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Maps the names of the state machine's states to stored statuses: <c>CancellationPending</c> is
/// <c>cancellation_pending</c>.
/// </summary>
internal static class RunStateNames
{
    private static readonly Dictionary<string, string> NamesByStatus =
        RunStatuses.All.Append(Run.CancellationPending).ToDictionary(status => status, ToPascalCase);

    private static readonly Dictionary<string, string> StatusesByName = NamesByStatus.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The state's name: <c>Pending</c> for <c>pending</c>.</summary>
    public static string GetName(string status) => NamesByStatus[status];

    /// <summary>
    /// Gets the status of a state. Returns false for MassTransit's built-in states Initial and Final.
    /// </summary>
    public static bool TryGetStatus(string name, out string status) => StatusesByName.TryGetValue(name, out status!);

    private static string ToPascalCase(string status) =>
        string.Concat(status.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
