using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Maps the names of the state machine's states to what is stored: <c>CancellationPending</c> is the status
/// <c>cancellation_pending</c>. The state <c>Retrying</c> is the phase <c>retrying</c> of the status <c>running</c>:
/// clients see a run that is executed again as running.
/// </summary>
internal static class RunStateNames
{
    private static readonly Dictionary<string, string> NamesByValue =
        RunStatuses.All.Append(Run.CancellationPending).Append(Run.Retrying).ToDictionary(value => value, ToPascalCase);

    private static readonly Dictionary<string, string> ValuesByName = NamesByValue.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The state's name: <c>Pending</c> for <c>pending</c>.</summary>
    /// <exception cref="UnknownRunStateException">A later release has stored the state.</exception>
    public static string GetName(Run run) =>
        NamesByValue.TryGetValue(GetValue(run), out var name) ? name : throw new UnknownRunStateException(run);

    /// <summary>The stored value of the state: the phase if the run has one, otherwise the status.</summary>
    public static string GetValue(Run run) => run.Phase ?? run.Status;

    /// <summary>
    /// Sets the status and phase of a state. Returns false for MassTransit's built-in states Initial and Final.
    /// </summary>
    public static bool TrySetState(Run run, string name)
    {
        if (!ValuesByName.TryGetValue(name, out var value))
        {
            return false;
        }

        (run.Status, run.Phase) = value == Run.Retrying ? (RunStatuses.Running, value) : (value, null);
        return true;
    }

    private static string ToPascalCase(string value) =>
        string.Concat(value.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
