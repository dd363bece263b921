using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="ReleaseRun"/> for its run.</summary>
internal enum ReleaseRunOutcome
{
    /// <summary>The attempt ends without counting as a failure.</summary>
    Released,

    /// <summary>The attempt ends, and the run keeps waiting.</summary>
    Suspension,

    /// <summary>The run was released too often. The attempt counts as a failure, and another one follows.</summary>
    Retry,

    /// <summary>The run was released too often and fails.</summary>
    Failure,

    /// <summary>The attempt has been released before.</summary>
    Repeated,

    /// <summary>The attempt is over.</summary>
    AttemptLost,
}
