using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>GET /runs/{run_id}</c> and its conversation view. Both read the store once. A read after a 202 sees at least the
/// state that the 202 acknowledged. With <c>?wait=30</c> or <c>Prefer: wait=30</c>, <c>GET /runs/{run_id}</c> is a long
/// poll of up to 30 seconds: with <c>If-None-Match</c> until the run's version differs from that ETag, without it until
/// the run has ended. A long poll that need not wait reads the store twice, one that waits at least three times.
/// </summary>
internal static class GetRunEndpoint
{
    private const int MaxWaitSeconds = 60;

    /// <summary>The query parameter of a long poll.</summary>
    public static IntegerParameter Wait { get; } = new(
        "wait", "The maximum number of seconds to wait. No wait when absent.", 0, MaxWaitSeconds);

    /// <summary>The header of a long poll.</summary>
    public static HeaderParameter Prefer { get; } = new(
        "Prefer",
        $"`wait=30` (RFC 7240) is the same as the query parameter, which takes precedence. More than {MaxWaitSeconds} seconds count as "
        + $"{MaxWaitSeconds}. Other preferences are ignored.",
        "wait=30");

    /// <summary>The header with the version that the caller has.</summary>
    public static HeaderParameter IfNoneMatch { get; } = new(
        "If-None-Match", "The `ETag` that the caller has. The response is 304 while the run's version is the same.", "\"3\"");

    /// <summary>Read a run</summary>
    /// <remarks>
    /// A run can be read as soon as its create has returned.
    ///
    /// With <c>wait</c>, the request is a long poll: the response is delayed until the run has ended or, with
    /// <c>If-None-Match</c>, until the run's version differs from the given one. After that many seconds at most, the
    /// current run is returned. A run that has ended is returned immediately. Appended events do not change the run's
    /// version. A long poll costs two more reads and counts against the limit of streams and long polls. At the limit
    /// of the process, the response is 503; at the limit of the caller's tenant, 429.
    /// </remarks>
    /// <response code="200">The run.</response>
    /// <response code="304">The run has not changed.</response>
    public static async Task<Results<Ok<RunResource>, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        LongPoll longPoll,
        CancellationToken cancellationToken)
    {
        var errors = new List<ValidationError>();
        var wait = Wait.Read(http.Request, errors) ?? PreferHeader.GetWaitSeconds(http.Request, MaxWaitSeconds);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var found = wait > 0 && !HttpMethods.IsHead(http.Request.Method)
            ? await WaitAndFind(http, route, caller, store, limits, longPoll, TimeSpan.FromSeconds(wait.Value))
            : await limits.Read(caller.Tenant, () => route.Find(store, caller, cancellationToken), Problems.RunNotFound);
        if (!found.IsSuccess)
        {
            return found.Problem;
        }

        var run = found.Value;
        http.Response.Headers.ETag = GetETag(run);
        http.Response.AllowRevalidation();
        if (MatchesIfNoneMatch(http.Request, run))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return limits.ChargeResponse(http, caller.Tenant, run) is { } rejection ? rejection : TypedResults.Ok(run.ToResource());
    }

    /// <summary>Read a conversation's run</summary>
    /// <remarks>The run as its conversation shows it. Available as soon as its create has returned.</remarks>
    /// <response code="200">The run.</response>
    public static async Task<Results<Ok<ConversationRunResource>, ProblemHttpResult>> HandleInConversation(
        [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? TypedResults.Ok(ConversationRunResource.From(run))
            : Problems.RunNotFound();

    /// <summary>
    /// Waits until the caller's condition is met or the timeout elapses, then reads the run. While waiting, it keeps
    /// nothing large in memory and holds no read permit.
    /// </summary>
    private static async Task<Result<Run>> WaitAndFind(
        HttpContext http, RunRoute route, Caller caller, IRunStore store, RequestLimits limits, LongPoll longPoll, TimeSpan timeout)
    {
        var aborted = http.RequestAborted;
        var current = await limits.Read(caller.Tenant, () => route.FindWithoutPayload(store, caller, aborted), Problems.RunNotFound);
        if (!current.IsSuccess)
        {
            return current.Problem;
        }

        if (HasReachedCondition(http.Request, current.Value))
        {
            return await limits.Read(caller.Tenant, () => route.Find(store, caller, aborted), Problems.RunNotFound);
        }

        using var permit = limits.Streams.Acquire(caller.Tenant);
        if (permit.ToProblem("open streams and long polls") is { } rejection)
        {
            return rejection;
        }

        await longPoll.Wait(current.Value.Id, run => HasReachedCondition(http.Request, run), timeout, aborted);
        return await limits.ReadQueued(caller.Tenant, () => route.Find(store, caller, aborted), Problems.RunNotFound, aborted);
    }

    private static bool HasReachedCondition(HttpRequest request, Run run) =>
        HasVersionChanged(request, run) || RunStatuses.IsTerminal(run.Status);

    // Whether the run's version differs from the caller's ETag. False without If-None-Match: such a caller waits for
    // the end.
    private static bool HasVersionChanged(HttpRequest request, Run run) =>
        request.Headers.IfNoneMatch.Count > 0 && !MatchesIfNoneMatch(request, run);

    private static bool MatchesIfNoneMatch(HttpRequest request, Run run) =>
        request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } tags
        && tags.Any(tag => tag.Tag == GetETag(run) || tag.Equals(EntityTagHeaderValue.Any));

    // Appended events do not change the run's version.
    private static string GetETag(Run run) => $"\"{run.Version}\"";
}
