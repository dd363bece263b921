using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>Sends the claims and releases of workers to the saga.</summary>
internal sealed partial class ClaimSender(
    RunCommandClient client, ApiMetrics metrics, IOptions<ApiOptions> options, TimeProvider clock, ILogger<ClaimSender> logger)
    : IClaimSender
{
    public async Task<Result<RunSnapshot>> Claim(ClaimRequest request, string runId, ClaimPool pool)
    {
        var command = new ClaimRun
        {
            Tenant = request.Tenant,
            RunId = runId,
            ClaimId = Guid.CreateVersion7(clock.GetUtcNow()).ToString(),
            WorkerId = request.WorkerId,
            InstanceId = request.InstanceId,
            WorkerKey = request.WorkerKey,
            Pool = pool.Name,
            LeaseSeconds = request.LeaseSeconds,
            Fenced = request.IsFenced,
            ExpiresAt = (clock.GetUtcNow() + options.Value.ReplyTimeout).TruncateToMilliseconds(),
            Actor = request.Actor,
            TraceId = request.TraceId,
        };
        var reply = await client.SendClaim(command);
        if (reply is { IsSuccess: false, Problem.StatusCode: StatusCodes.Status504GatewayTimeout })
        {
            reply = await client.SendClaim(command);
        }

        metrics.RecordClaim(reply.IsSuccess ? "claimed" : ClaimDispatcher.IsRejection(reply.Problem) ? "rejected" : "failed");
        return reply.IsSuccess ? reply.Value.Snapshot : reply.Problem;
    }

    public async Task ReleaseUnclaimed(string tenant, string runId, int attempt, Actor actor, string traceId)
    {
        var command = new ReleaseRun
        {
            Tenant = tenant,
            RunId = runId,
            Attempt = attempt,
            Reason = ReleaseReasons.Unclaimed,
            Actor = actor,
            TraceId = traceId,
        };
        try
        {
            var reply = await client.Send(command, tenant, runId, CancellationToken.None);
            if (!reply.IsSuccess)
            {
                LogReleaseFailed(null, runId, attempt, reply.Problem.StatusCode);
            }
        }
        catch (StoreUnavailableException exception)
        {
            LogReleaseFailed(exception, runId, attempt, StatusCodes.Status503ServiceUnavailable);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: attempt {Attempt}, which its worker did not get, could not be released ({Status})")]
    private partial void LogReleaseFailed(Exception? exception, string runId, int attempt, int status);
}
