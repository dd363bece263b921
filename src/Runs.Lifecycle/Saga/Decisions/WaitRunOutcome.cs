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
}
