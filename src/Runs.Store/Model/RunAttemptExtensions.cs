using Runs.Contracts;

namespace Runs.Store;

/// <summary>Who executes a run, and whether it may be claimed.</summary>
public static class RunAttemptExtensions
{
    /// <summary>The attempt that has not ended; null before the first, and between two attempts.</summary>
    public static RunAttempt? FindCurrentAttempt(this Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Attempts is [.., { EndedAt: null } current] ? current : null;
    }

    /// <summary>Whether a message that names <paramref name="attempt"/> comes from the current attempt.</summary>
    public static bool IsCurrentAttempt(this Run run, int attempt) => run.FindCurrentAttempt()?.Attempt == attempt;

    /// <summary>Whether an attempt ended with an outcome. Only the last attempts are known.</summary>
    public static bool HasAttempt(this Run run, int attempt, string outcome)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Attempts.Exists(ended => ended.Attempt == attempt && ended.Outcome == outcome);
    }

    /// <summary>Whether the worker that holds the run requires that messages name its attempt.</summary>
    public static bool RequiresAttempt(this Run run) => run is { LeaseFenced: true, LeaseOwner: not null };

    /// <summary>Whether the last attempt has ended. False before the first.</summary>
    public static bool HasEndedAttempt(this Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Attempts is [.., { EndedAt: not null }];
    }

    /// <summary>Whether the run is a pending agent run that waits for its input.</summary>
    public static bool IsReserved(this Run run) =>
        run is { Kind: RunKinds.Agent, Status: RunStatuses.Pending, Input: null, ImplementationKind: null };

    /// <summary>Whether the run may be claimed now.</summary>
    public static bool IsReady(this Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.ClaimRank is not null;
    }
}
