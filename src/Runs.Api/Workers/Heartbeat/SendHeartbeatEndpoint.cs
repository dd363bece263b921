using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// <c>POST /agent-workers/workers/{worker_id}/heartbeat</c>: a worker reports that it is alive, and gets a new token
/// when its token is old.
/// </summary>
internal static class SendHeartbeatEndpoint
{
    /// <summary>Send a heartbeat</summary>
    /// <remarks>
    /// Reports that the worker is alive, and renews the leases of the runs that the body names: all in one call. The
    /// body may be empty. With <c>wait_seconds</c>, the response is delayed until one of the runs is cancelled, has
    /// ended, is lost or was resumed, so that the worker learns of it at once; such a call counts against the limit of
    /// streams and long polls.
    ///
    /// When the token that is used is older than 12 hours, the response has a new one, and the old one is valid for
    /// another hour. A worker that does not receive the response gets another new token 5 minutes later. A worker that
    /// has 16 valid tokens gets none.
    /// </remarks>
    /// <response code="200">The heartbeat is accepted.</response>
    public static async Task<Results<Ok<SendHeartbeatResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        Caller caller,
        WorkerDetailsCache workers,
        WorkerWriter writer,
        WorkerActivity activity,
        HeartbeatLeases leases,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var body = await bodyReader.ReadOptional(http.Request, SendHeartbeatBody.Parse, cancellationToken);
        if (!body.IsSuccess)
        {
            return body.Problem;
        }

        var found = await workers.Find(caller, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        var now = clock.GetUtcNow().TruncateToMilliseconds();
        var worker = found.Value;
        if (FindToken(worker, caller) is not { } used || worker.RevokedAt is not null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer"; // revoked since the token was cached
            return Problems.WorkerTokenInvalid();
        }

        activity.RecordHeartbeat(worker.Id);
        var token = used.IsRotationDue(now) ? await Rotate(worker.Id, used, now, writer, cancellationToken) : null;
        if (limits.ChargeResponse(http, caller.Tenant, worker.Metadata?.Text?.Length ?? 0) is { } rejection)
        {
            return rejection;
        }

        var runs = await RenewLeases(caller, body.Value, leases, limits, cancellationToken);
        return runs.IsSuccess
            ? TypedResults.Ok(new SendHeartbeatResponse(
                WorkerResource.From(worker with { LastHeartbeatAt = now }, now), token, body.Value.Runs is null ? null : runs.Value))
            : runs.Problem;
    }

    private static async Task<Result<List<HeldRunResource>>> RenewLeases(
        Caller caller, SendHeartbeatBody body, HeartbeatLeases leases, RequestLimits limits, CancellationToken cancellationToken)
    {
        if (body.Runs is null)
        {
            return new List<HeldRunResource>();
        }

        var waits = body.Wait > TimeSpan.Zero;
        using var permit = waits
            ? limits.Streams.Acquire(caller.Tenant)
            : await limits.QueuedReads.AcquireQueued(caller.Tenant, cancellationToken);
        return permit.ToProblem(waits ? "open streams and long polls" : "concurrent reads") is { } limited
            ? limited
            : await leases.RenewAndWait(caller, body, cancellationToken);
    }

    // Returns the new token; null after a concurrent rotation of this token, or when the worker has too many.
    private static async Task<string?> Rotate(
        Guid id, WorkerToken used, DateTimeOffset now, WorkerWriter writer, CancellationToken cancellationToken)
    {
        var (token, sha256) = WorkerTokenFormat.Create(id);
        var rotated = await writer.Update(
            id,
            stored => stored?.TryRotate(used.Sha256, WorkerToken.Create(sha256, now), now, out var next) == true ? next : null,
            cancellationToken);
        return rotated is null ? null : token;
    }

    private static WorkerToken? FindToken(Worker worker, Caller caller) =>
        worker.Tokens.Find(token => token.Sha256 == caller.Worker!.TokenSha256);
}
