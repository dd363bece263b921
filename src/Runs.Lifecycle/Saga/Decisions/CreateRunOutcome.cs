using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="CreateRun"/> for the run that its id names.</summary>
internal enum CreateRunOutcome
{
    /// <summary>The command arrived after its deadline. Nothing is created.</summary>
    Expired,

    /// <summary>The parent does not exist or is not visible to the caller. Nothing is created.</summary>
    ParentNotFound,

    /// <summary>The parent, or a run above it, was cancelled. Nothing is created.</summary>
    CancelledAncestor,

    /// <summary>The parent is on the lowest level that a tree may have. Nothing is created.</summary>
    TooDeep,

    /// <summary>
    /// A new pending run that is not ready: an agent run without input, which waits for its input, or a run whose start
    /// is delayed.
    /// </summary>
    NotReady,

    /// <summary>A new pending run, to be executed.</summary>
    AcceptedForExecution,

    /// <summary>A new run that its creator executes.</summary>
    AlreadyRunning,

    /// <summary>A new run whose cancel arrived before its create. It is stored as cancelled.</summary>
    AlreadyCancelled,

    /// <summary>The input of a reserved run.</summary>
    ReservationInput,

    /// <summary>The input of a reserved run whose start is delayed.</summary>
    DelayedReservationInput,

    /// <summary>A redelivery of the same message: the first delivery got no reply or was not acknowledged.</summary>
    Redelivery,

    /// <summary>The run exists. Nothing is created.</summary>
    Duplicate,

    /// <summary>The run exists with a different request, and the caller requests an error in this case.</summary>
    RequestMismatch,

    /// <summary>The run id belongs to a run of another kind or owner.</summary>
    IdConflict,
}
