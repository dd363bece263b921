using System.Diagnostics;
using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// What commands do, as one word: the <see cref="RunChange.Action"/> of changes, the action in the audit log, and the
/// attribute <see cref="TelemetryAttributes.Command"/>.
/// </summary>
public static class RunActions
{
    // The message of a timer. It does not leave the process.
    private const string Timer = "RunDue";

    /// <summary>The action of a message type.</summary>
    public static string Get(Type message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Name switch
        {
            nameof(CreateRun) => "create",
            nameof(StartRun) => "start",
            nameof(ClaimRun) => "claim",
            nameof(ReleaseRun) => "release",
            nameof(WaitRun) => "wait",
            nameof(ResumeRun) => "resume",
            nameof(CompleteRun) => "complete",
            nameof(CancelRun) => "cancel",
            Timer => "due",
            _ => throw new UnreachableException($"{message} is not a command of the state machine."),
        };
    }
}
