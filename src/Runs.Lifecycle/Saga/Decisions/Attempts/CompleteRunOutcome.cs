using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="CompleteRun"/> for a run that has not ended.</summary>
internal enum CompleteRunOutcome
{
    /// <summary>The run is completed.</summary>
    Success,

    /// <summary>The run failed.</summary>
    Failure,

    /// <summary>The run is cancelled.</summary>
    Cancellation,

    /// <summary>The attempt failed, and another one follows.</summary>
    Retry,

    /// <summary>The attempt has ended with this outcome before.</summary>
    Repeated,

    /// <summary>The attempt that the message names is over.</summary>
    AttemptLost,

    /// <summary>The message names no attempt, and the worker that holds the run requires it.</summary>
    AttemptRequired,
}
