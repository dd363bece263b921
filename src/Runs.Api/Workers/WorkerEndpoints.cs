using Runs.Api.OpenApi.Metadata;

namespace Runs.Api.Workers;

/// <summary>The routes of workers.</summary>
internal static class WorkerEndpoints
{
    private static readonly AuditLevel WorkerAuditLevel = new(LogLevel.Debug); // every worker, every few seconds

    /// <summary>Maps the routes of workers and of the runs that they hold.</summary>
    public static void MapWorkers(this RouteGroupBuilder workers)
    {
        workers.MapPost("projects/{project_reference}/workers", RegisterWorkerEndpoint.Handle)
            .WithName("registerWorker")
            .RequireScope(Scopes.Execute)
            .ReadsBody<RegisterWorkerRequest>();
        workers.MapGet("projects/{project_reference}/workers", ListWorkersEndpoint.Handle)
            .WithName("listWorkers")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(PageRequest.CursorParameter, PageRequest.LimitParameter);
        workers.MapPost("workers/{worker_id}/heartbeat", SendHeartbeatEndpoint.Handle)
            .WithName("sendHeartbeat")
            .RequireWorker()
            // Not a command: workers must not lose their runs while creates use up the permits for commands.
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<SendHeartbeatRequest>();
        workers.MapPost("workers/{worker_id}/claim", ClaimRunEndpoint.Handle)
            .WithName("claimRun")
            .RequireWorker()
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<ClaimRunRequest>()
            .ProducesProblems(ProblemResponses.GatewayTimeout);
        workers.MapPost("workers/{worker_id}/runs/{run_id}/lease", RenewLeaseEndpoint.Handle)
            .WithName("renewLease")
            .RequireWorker()
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<RenewLeaseRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected);
        workers.MapDelete("workers/{worker_id}/runs/{run_id}/lease", ReleaseLeaseEndpoint.Handle)
            .WithName("releaseLease")
            .RequireWorker()
            .LimitResponseMemory()
            .ReadsBody<ReleaseLeaseRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected, ProblemResponses.GatewayTimeout);
        workers.MapPut("workers/{worker_id}/runs/{run_id}/session", SetSessionEndpoint.Handle)
            .WithName("setSession")
            .RequireWorker()
            .WithMetadata(RatePolicy.Appends, WorkerAuditLevel)
            .ReadsBody<SetSessionRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected);
        workers.MapDelete("workers/{worker_id}", RevokeWorkerEndpoint.Handle)
            .WithName("revokeWorker")
            .RequireScope(Scopes.Execute)
            .LimitReads()
            .WithMetadata(RatePolicy.Commands);
    }
}
