using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>Sends the claims and releases of workers to the saga.</summary>
internal interface IClaimSender
{
    /// <summary>
    /// Claims one run. The command is not cancelled with the request: the run would be held by a worker that does not
    /// know it. When the outcome is unknown, the same claim is sent again, which has the same outcome.
    /// </summary>
    Task<Result<RunSnapshot>> Claim(ClaimRequest request, string runId, ClaimPool pool);

    /// <summary>
    /// Releases a run whose worker did not get the response to its claim. What cannot be released ends with its lease.
    /// </summary>
    Task ReleaseUnclaimed(string tenant, string runId, int attempt, Actor actor, string traceId);
}
