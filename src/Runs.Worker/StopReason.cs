namespace Runs.Worker;

/// <summary>Why the token <c>stop</c> of a handler is cancelled.</summary>
public enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The run was cancelled. Nothing is reported any more.</summary>
    RunCancelled,

    /// <summary>
    /// The lease has ended, or will before it can be renewed: another worker may get the run. Nothing is reported any
    /// more.
    /// </summary>
    LeaseLost,

    /// <summary>The time limit of the run, or of its wait, is over. The server ends the run.</summary>
    TimedOut,

    /// <summary>The worker stops, and its grace period is over. The run is released for another worker.</summary>
    Shutdown,
}
