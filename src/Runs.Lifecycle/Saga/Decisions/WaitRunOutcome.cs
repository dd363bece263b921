using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="WaitRun"/> for its run.</summary>
internal enum WaitRunOutcome
{
    /// <summary>The run already waits for this, or has waited for it before.</summary>
    Duplicate,

    /// <summary>The stored forms of the run exceed their size limit.</summary>
    TooManyInputRequests,

    /// <summary>The run waits for something new.</summary>
    NewWait,

    /// <summary>The run waits for something new, and its worker gives it back.</summary>
    Suspension,

    /// <summary>The run already waits for this, and its worker now releases it.</summary>
    Release,

    /// <summary>The attempt that the message names is over.</summary>
    AttemptLost,

    /// <summary>The message names no attempt, and the worker that holds the run requires it.</summary>
    AttemptRequired,
}
