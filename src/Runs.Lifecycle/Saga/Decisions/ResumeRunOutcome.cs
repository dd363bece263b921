using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="ResumeRun"/> for its run.</summary>
internal enum ResumeRunOutcome
{
    /// <summary>The run already has this result.</summary>
    Duplicate,

    /// <summary>The run waits for this result, and its executor goes on with it.</summary>
    AwaitedResult,

    /// <summary>The run waits for this result, and no worker holds it. The next attempt goes on with it.</summary>
    AwaitedBySuspendedRun,

    /// <summary>
    /// The run waits for this result, and the lease of its worker has ended. The next attempt goes on with it.
    /// </summary>
    AwaitedAfterLease,

    /// <summary>The tool call already has a different result.</summary>
    ResultConflict,

    /// <summary>The run does not wait for this tool call.</summary>
    NotAwaited,
}
