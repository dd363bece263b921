namespace Runs.Lifecycle;

/// <summary>The messages that the saga receives.</summary>
internal static class SagaMessages
{
    /// <summary>
    /// The commands of other services, and the message that the service sends to itself. That one is only a hint to
    /// check the run again, so it does no harm if another publisher sends it.
    /// </summary>
    public static IReadOnlyList<Type> All { get; } = [.. MessageTypes.Commands, typeof(RunDue)];
}
