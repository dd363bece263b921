using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// <c>POST /agent-workers/workers/{worker_id}/claim</c>: a worker takes the next run that it may execute.
/// </summary>
internal static class ClaimRunEndpoint
{
    // Claims that began together, after a restart, do not end together.
    private const double WaitJitter = 0.1;

    /// <summary>Claim a run</summary>
    /// <remarks>
    /// Takes the next run that is ready, and holds it for the duration of the lease. When none was claimed, <c>run</c>
    /// is null: there is none, or other workers have taken those that were ready.
    /// With <c>wait_seconds</c>, the response is delayed until there is a run; such a call counts against the limit of
    /// streams and long polls.
    ///
    /// A worker gets the runs of its implementation, those that name its <c>worker_key</c> included, in its project and
    /// among the runs that conversations of its tenant own. With <c>headless</c>, it also gets such runs without a
    /// conversation, and the runs of its targets. Within one target, kind or implementation, runs are claimed in the
    /// order in which they became ready, less their <c>priority</c> in seconds; while several API processes compete for
    /// them, approximately. A worker with several targets takes from them in turn.
    /// </remarks>
    /// <response code="200">The run, or null.</response>
    public static async Task<Results<Ok<ClaimRunResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        Caller caller,
        WorkerDetailsCache workers,
        ClaimDispatcher dispatcher,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        ApiMetrics metrics,
        EventWriterTokens tokens,
        IOptions<ExecutionOptions> options)
    {
        var aborted = http.RequestAborted;
        var read = await bodyReader.ReadOptional(http.Request, ClaimRunBody.Parse, aborted);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        var body = read.Value;
        var worker = caller.Worker!;
        var found = await workers.Find(caller, aborted);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        if (found.Value.RevokedAt is not null)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer"; // revoked since the token was cached
            return Problems.WorkerTokenInvalid();
        }

        if (limits.CheckResponseMemory(caller.Tenant) is { } memory)
        {
            return memory;
        }

        using var permit = body.Wait > TimeSpan.Zero ? limits.Streams.Acquire(caller.Tenant) : null;
        if (permit?.ToProblem("open streams and long polls") is { } limited)
        {
            return limited;
        }

        using var counted = body.Wait > TimeSpan.Zero ? metrics.OpenSubscriber("claim") : null;
        var request = new ClaimRequest
        {
            Tenant = caller.Tenant,
            WorkerId = worker.LeaseOwner,
            WorkerKey = worker.WorkerKey,
            InstanceId = body.InstanceId,
            Pools = WorkerPools.Get(found.Value, body.IsHeadless),
            LeaseSeconds = body.LeaseSeconds ?? options.Value.LeaseSeconds,
            IsFenced = body.IsFenced,
            MaxRuns = body.MaxRuns ?? 1,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
        };
        var claimed = await dispatcher.Claim(request, AddJitter(body.Wait), aborted);
        if (!claimed.IsSuccess)
        {
            return claimed.Problem;
        }

        foreach (var snapshot in claimed.Value)
        {
            limits.ChargeAvailable(http, caller.Tenant, snapshot.Run);
        }

        var runs = claimed.Value
            .Select(snapshot => ClaimedRunResource.From(snapshot, worker))
            .Select(run => run with { RunEventToken = tokens.Issue(caller.Tenant, run) })
            .ToList();
        return TypedResults.Ok(new ClaimRunResponse(runs.FirstOrDefault(), body.MaxRuns is null ? null : runs));
    }

    [SuppressMessage("Security", "CA5394", Justification = "The jitter protects nothing.")]
    private static TimeSpan AddJitter(TimeSpan wait) => wait * (1 - (WaitJitter * Random.Shared.NextDouble()));
}
