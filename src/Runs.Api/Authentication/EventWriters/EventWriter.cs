using System.Globalization;
using System.Security.Claims;

namespace Runs.Api.Authentication;

/// <summary>The bearer of a token that allows appends to the log of one run only.</summary>
/// <param name="RunId">The run, within the tenant of the token.</param>
/// <param name="ProjectId">The project of the run, or that of the worker when a conversation owns the run.</param>
/// <param name="WorkerId">The id of the worker that claimed the run, or an ancestor of the run.</param>
/// <param name="Attempt">
/// The attempt that the token was issued for. Null when the run had not been started, so that the token may start it.
/// </param>
internal sealed record EventWriter(string RunId, string ProjectId, string WorkerId, int? Attempt)
{
    private const string RunClaim = "writerRun";
    private const string ProjectClaim = "writerProject";
    private const string WorkerClaim = "writerWorker";
    private const string AttemptClaim = "writerAttempt";

    /// <summary>Whether the principal is the bearer of such a token.</summary>
    public static bool IsEventWriter(ClaimsPrincipal user) => user.HasClaim(claim => claim.Type == RunClaim);

    /// <summary>The event writer of a principal; null when it is none.</summary>
    public static EventWriter? From(ClaimsPrincipal user) => user.FindFirstValue(RunClaim) is { } run
        ? new EventWriter(
            run,
            user.FindFirstValue(ProjectClaim)!,
            user.FindFirstValue(WorkerClaim)!,
            user.FindFirstValue(AttemptClaim) is { } attempt ? int.Parse(attempt, CultureInfo.InvariantCulture) : null)
        : null;

    /// <summary>Adds the claims that <see cref="From"/> reads.</summary>
    public void AddClaims(ClaimsIdentity identity)
    {
        identity.AddClaims([new Claim(RunClaim, RunId), new Claim(ProjectClaim, ProjectId), new Claim(WorkerClaim, WorkerId)]);
        if (Attempt is { } attempt)
        {
            identity.AddClaim(new Claim(AttemptClaim, attempt.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
