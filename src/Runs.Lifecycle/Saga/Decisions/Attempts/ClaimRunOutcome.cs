using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="ClaimRun"/> for its run.</summary>
internal enum ClaimRunOutcome
{
    /// <summary>This claim holds the run already.</summary>
    Repeated,

    /// <summary>The next attempt begins.</summary>
    Claimed,

    /// <summary>The run is not ready, or it is in another pool.</summary>
    NotClaimable,
}
