namespace Runs.Lifecycle;

/// <summary>
/// A command waited too long for the store. The delivery ends unhandled: the broker redelivers the command, and it is
/// not moved to the error queue.
/// </summary>
internal sealed class HoldTimeExceededException(Exception cause)
    : Exception("The store did not become available in time; the command is returned to the broker.", cause);
