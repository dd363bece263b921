namespace Runs.Lifecycle;

/// <summary>The messages that the lifecycle role receives.</summary>
internal static class LifecycleMessages
{
    /// <summary>
    /// The messages of the state machine: the commands on runs, and the message that the service sends to itself. That
    /// one is only a hint to check the run again, so it does no harm if another publisher sends it.
    /// </summary>
    public static IReadOnlyList<Type> OfSaga { get; } = [.. MessageTypes.RunCommands, typeof(RunDue)];

    /// <summary>All messages.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. MessageTypes.Commands, typeof(RunDue)];
}
