using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary><c>DELETE /agent-workers/workers/{worker_id}</c>: revokes a worker.</summary>
internal static class RevokeWorkerEndpoint
{
    /// <summary>Revoke a worker</summary>
    /// <remarks>
    /// Invalidates every token of the worker: in this process at once, in all others within 60 seconds. The runs that
    /// it holds are not changed: their leases end. A repeat changes nothing. When the worker is registered again, it is
    /// active again, with a new token.
    /// </remarks>
    /// <response code="204">The worker is revoked.</response>
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        [AsParameters] WorkerRoute route,
        Caller caller,
        IWorkerStore store,
        WorkerWriter writer,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(out var id) || await Find(id, store, cancellationToken) is not { } worker || !MayRevoke(caller, worker))
        {
            return Problems.WorkerNotFound();
        }

        var now = clock.GetUtcNow().TruncateToMilliseconds();
        await writer.Update(id, stored => stored is { RevokedAt: null } ? Revoke(stored, now) : null, cancellationToken);
        return TypedResults.NoContent();
    }

    // Verifies absence: for some seconds after a MongoDB failover a read may miss a worker.
    private static async Task<Worker?> Find(Guid id, IWorkerStore store, CancellationToken cancellationToken) =>
        await store.Find(id, cancellationToken) ?? await store.FindLinearizable(id, cancellationToken);

    private static bool MayRevoke(Caller caller, Worker worker) =>
        worker.Tenant == caller.Tenant && caller.Projects?.Contains(worker.ProjectId) != false;

    private static Worker Revoke(Worker worker, DateTimeOffset now) =>
        worker with { Tokens = [], RevokedAt = now, UpdatedAt = now, Version = worker.Version + 1 };
}
