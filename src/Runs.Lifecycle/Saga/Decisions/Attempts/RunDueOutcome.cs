namespace Runs.Lifecycle;

/// <summary>The outcome of a <see cref="RunDue"/> for a run that has not ended.</summary>
internal enum RunDueOutcome
{
    /// <summary>No timer of the run has passed.</summary>
    TooEarly,

    /// <summary>The run did not begin, end or resume in time. It fails.</summary>
    Overdue,

    /// <summary>The start time of a pending run, or the delay before the next attempt, has passed.</summary>
    Ready,

    /// <summary>The lease ended while the run was executed, and another attempt follows.</summary>
    Retry,

    /// <summary>The lease ended while the run was executed, and no other attempt follows.</summary>
    Failure,

    /// <summary>The lease ended while the run waits.</summary>
    Suspension,
}
