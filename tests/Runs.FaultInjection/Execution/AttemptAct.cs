namespace Runs.FaultInjection.Execution;

/// <summary>How an attempt of an executed run ends.</summary>
internal enum AttemptAct
{
    Complete,

    /// <summary>Reports a failure that may be retried.</summary>
    Fail,

    /// <summary>Reports a failure that may not be retried.</summary>
    Reject,

    /// <summary>Stops the renewals, and writes after the attempt is lost.</summary>
    Lose,

    /// <summary>Waits without a lease: the result begins the next attempt.</summary>
    Suspend,

    /// <summary>Waits and keeps the lease, then completes the run.</summary>
    Hold,

    /// <summary>Gives the run back.</summary>
    Release,
}
