using Microsoft.AspNetCore.Authorization;
using Runs.Store;

namespace Runs.Api.Authorization;

/// <summary>
/// Endpoint metadata: the runs for which workers may call the route with their token. A route without it rejects them:
/// they have no scopes. This is the only rule for what the token of a worker may do with runs.
/// </summary>
/// <param name="includesEndedAttempts">
/// Whether a worker may call the route for a run that it no longer holds.
/// </param>
internal sealed class WorkerRunAccess(bool includesEndedAttempts)
{
    /// <summary>The runs that the worker holds.</summary>
    public static WorkerRunAccess Held { get; } = new(includesEndedAttempts: false);

    /// <summary>
    /// The runs of which the worker holds or held an attempt. For commands: each names an attempt of the worker
    /// (<see cref="Caller.GetAttempt"/>), so that one from an attempt that is over changes nothing. Its worker learns
    /// that it has lost the run, and a repeat gets the same response.
    /// </summary>
    public static WorkerRunAccess Attempted { get; } = new(includesEndedAttempts: true);

    /// <summary>Whether the caller is a worker and the route accepts workers.</summary>
    public static bool Allows(AuthorizationHandlerContext context) =>
        CallingWorker.IsWorker(context.User)
        && context.Resource is HttpContext http
        && http.GetEndpoint()?.Metadata.GetMetadata<WorkerRunAccess>() is not null;

    /// <summary>
    /// Checks a run of the caller's tenant. Returns the caller, a worker with its attempts, or the problem.
    /// </summary>
    public Result<Caller> Authorize(Caller caller, Run run)
    {
        if (caller.Worker is not { LeaseOwner: var worker })
        {
            return caller;
        }

        var isHeld = run.LeaseOwner == worker && run.FindCurrentAttempt()?.WorkerId == worker;
        var attempts = run.Attempts.FindAll(attempt => attempt.WorkerId == worker).ConvertAll(attempt => attempt.Attempt);
        return isHeld || (includesEndedAttempts && attempts.Count > 0)
            ? caller with { OwnAttempts = attempts, MustNameAttempt = isHeld && run.RequiresAttempt() }
            : Problems.RunNotHeld();
    }
}
