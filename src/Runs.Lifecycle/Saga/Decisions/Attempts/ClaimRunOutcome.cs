using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="ClaimRun"/> for its run.</summary>
internal enum ClaimRunOutcome
{
    /// <summary>This claim holds the run already.</summary>
    Repeated,

    /// <summary>The next attempt begins.</summary>
    Claimed,

    /// <summary>The claim arrived after its deadline.</summary>
    Expired,

    /// <summary>The run is not ready, it is in another pool, or the attempt of this claim has ended.</summary>
    NotClaimable,
}
