using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// <c>POST /agent-workers/workers/{worker_id}/runs/{run_id}/lease</c>: extends the lease of one run. A heartbeat
/// extends the leases of many runs at once.
/// </summary>
internal static class RenewLeaseEndpoint
{
    /// <summary>Renew a lease</summary>
    /// <remarks>
    /// Holds the run for another duration, from now. It succeeds as long as the attempt is current, also after the end
    /// of the lease. The response has a new <c>run_event_token</c>. When the worker no longer holds the run, <c>run</c>
    /// is null: it must stop. After a claim with <c>fenced</c>, the body must name the attempt.
    /// </remarks>
    /// <response code="200">The run, or null when the worker has lost it.</response>
    public static async Task<Results<Ok<RenewLeaseResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        LeaseRenewer renewer,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        EventWriterTokens tokens,
        IOptions<ExecutionOptions> options,
        CancellationToken cancellationToken)
    {
        var body = await bodyReader.ReadOptional(http.Request, Parse, cancellationToken);
        if (!body.IsSuccess)
        {
            return body.Problem;
        }

        var (seconds, attempt) = body.Value;
        var worker = caller.Worker!;
        var found = await limits.ReadQueued(
            caller.Tenant, () => route.FindBeforeWrite(store, caller, cancellationToken), Problems.RunNotFound, cancellationToken);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        var run = found.Value;
        if (attempt is null && run.LeaseOwner == worker.LeaseOwner && run.RequiresAttempt())
        {
            return Problems.AttemptRequired();
        }

        var ends = await renewer.Renew(
            [run],
            held => held.LeaseOwner == worker.LeaseOwner && (attempt ?? held.Attempt) == held.Attempt,
            TimeSpan.FromSeconds(seconds ?? options.Value.LeaseSeconds),
            cancellationToken);
        if (!ends.ContainsKey(run.Id))
        {
            return TypedResults.Ok(new RenewLeaseResponse(null));
        }

        var renewed = await limits.ReadQueued(
            caller.Tenant, () => route.Find(store, caller, cancellationToken), Problems.RunNotFound, cancellationToken);
        if (!renewed.IsSuccess)
        {
            return renewed.Problem;
        }

        // Lost between the renewal and the read, or claimed again by another process of this worker.
        if (renewed.Value.LeaseOwner != worker.LeaseOwner || (attempt is { } named && renewed.Value.Attempt != named))
        {
            return TypedResults.Ok(new RenewLeaseResponse(null));
        }

        if (limits.ChargeResponse(http, caller.Tenant, renewed.Value) is { } rejection)
        {
            return rejection;
        }

        var resource = ClaimedRunResource.From(renewed.Value, worker);
        return TypedResults.Ok(new RenewLeaseResponse(resource with { RunEventToken = tokens.Issue(caller.Tenant, resource) }));
    }

    private static Result<(int? LeaseSeconds, int? Attempt)> Parse(JsonElement json)
    {
        var errors = new List<ValidationError>();
        var body = new JsonObjectReader(json, "", errors);
        var renewal = (body.GetLeaseSeconds(), body.GetAttempt());
        return errors.Count > 0 ? Problems.ValidationFailed(errors) : renewal;
    }
}
