using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Changes the attempts of a run: who holds it, and whether it may be claimed.</summary>
internal static class RunAttempts
{
    /// <summary>Begins the next attempt without a lease: the run was started without a claim.</summary>
    public static void Begin(Run run, DateTimeOffset now)
    {
        ClearReady(run);
        run.Attempt++;
        run.Attempts.Add(new RunAttempt { Attempt = run.Attempt, StartedAt = now });
        run.Attempts.KeepLatest(RunAttempt.MaxPerRun);
    }

    /// <summary>Begins the next attempt, and its lease.</summary>
    public static void Begin(Run run, ClaimRun claim, RunMessageContext messageContext)
    {
        Begin(run, messageContext.Now);
        var current = run.Attempts[^1];
        (current.WorkerId, current.WorkerKey, current.ClaimId) = (claim.WorkerId, claim.WorkerKey, claim.ClaimId);
        (run.LeaseOwner, run.LeaseInstance) = (claim.WorkerId, claim.InstanceId);
        run.LeaseExpiresAt = messageContext.Now.AddSeconds(claim.LeaseSeconds ?? messageContext.Execution.LeaseSeconds);
        run.LeaseFenced = claim.Fenced;
    }

    /// <summary>Ends the current attempt, if there is one, and its lease. The run is not ready afterwards.</summary>
    public static void End(Run run, string outcome, DateTimeOffset now, RunError? error = null, DateTimeOffset? retryAt = null)
    {
        (run.LeaseOwner, run.LeaseInstance, run.LeaseExpiresAt, run.LeaseFenced) = (null, null, null, false);
        ClearReady(run);
        if (run.FindCurrentAttempt() is not { } current)
        {
            return;
        }

        (current.Outcome, current.EndedAt, current.Error) = (outcome, now, Shorten(error));
        current.RetryAt = retryAt > now ? retryAt : null;
        if (outcome is AttemptOutcomes.Failed or AttemptOutcomes.Lost)
        {
            run.FailedAttempts++;
        }
    }

    /// <summary>Makes the run ready at <paramref name="time"/> by a timer, or now if it is null.</summary>
    public static void Schedule(Run run, DateTimeOffset? time, DateTimeOffset now)
    {
        if (time is null)
        {
            MakeReady(run, now);
        }
        else
        {
            run.RetryAt = time;
        }
    }

    /// <summary>Makes the run ready now.</summary>
    public static void MakeReady(Run run, DateTimeOffset now)
    {
        run.RetryAt = null;
        run.ClaimRank = now.AddSeconds(-run.Priority);
        run.ClaimPool = ClaimPools.GetPool(run);
        run.ClaimKindPool = ClaimPools.GetKindPool(run);
    }

    private static void ClearReady(Run run) =>
        (run.ClaimRank, run.ClaimPool, run.ClaimKindPool, run.RetryAt) = (null, null, null, null);

    private static RunError? Shorten(RunError? error) =>
        error is null ? null : new RunError { Code = error.Code, Message = Shorten(error.Message) };

    private static string Shorten(string message)
    {
        if (message.Length <= RunAttempt.MaxErrorMessageLength)
        {
            return message;
        }

        // Half of a surrogate pair is not valid text, which no store accepts.
        var length = RunAttempt.MaxErrorMessageLength - (char.IsHighSurrogate(message[RunAttempt.MaxErrorMessageLength - 1]) ? 1 : 0);
        return message[..length];
    }
}
