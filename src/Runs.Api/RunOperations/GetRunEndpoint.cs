using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>
/// <c>GET /runs/{run_id}</c> and its conversation view. Both read the store once. A read after a 202 sees at least the
/// state that the 202 acknowledged. With <c>?wait=30</c> or <c>Prefer: wait=30</c>, <c>GET /runs/{run_id}</c> is a long
/// poll of up to 30 seconds: with <c>If-None-Match</c> until the run's version differs from that ETag, without it until
/// the run has ended. A long poll reads the store twice.
/// </summary>
internal static class GetRunEndpoint
{
    private const int MaxWaitSeconds = 60;

    public static async Task<Results<Ok<RunResource>, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken)
    {
        var errors = new List<ValidationError>();
        var wait = PageRequest.ReadInteger(http.Request, "wait", 0, MaxWaitSeconds, errors) ?? PreferHeader.GetWaitSeconds(http.Request, MaxWaitSeconds);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var (run, problem) = wait > 0 && !HttpMethods.IsHead(http.Request.Method)
            ? await WaitAndFind(http, route, caller, store, limits, TimeSpan.FromSeconds(wait.Value))
            : await limits.Read(caller.Tenant, () => route.Find(store, caller, cancellationToken));
        if (run is null)
        {
            return problem ?? Problems.RunNotFound();
        }

        http.Response.Headers.ETag = GetETag(run);
        http.Response.AllowRevalidation();
        return MatchesIfNoneMatch(http.Request, run) ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : limits.ChargeResponse(http, caller.Tenant, run) is { } rejection ? rejection
            : TypedResults.Ok(run.ToResource());
    }

    public static async Task<Results<Ok<ConversationRunResource>, ProblemHttpResult>> HandleInConversation(
        [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run ? TypedResults.Ok(ConversationRunResource.From(run)) : Problems.RunNotFound();

    /// <summary>
    /// Waits until the caller's condition is met or the timeout elapses, then reads the run. While waiting, it keeps
    /// nothing large in memory and holds no read permit.
    /// </summary>
    private static async Task<(Run? Run, ProblemHttpResult? Problem)> WaitAndFind(
        HttpContext http, RunRoute route, Caller caller, IRunStore store, RequestLimits limits, TimeSpan timeout)
    {
        var (current, problem) = await limits.Read(caller.Tenant, () => route.FindWithoutPayload(store, caller, http.RequestAborted));
        if (current is null)
        {
            return (null, problem);
        }

        if (HasVersionChanged(http.Request, current) || RunStatuses.IsTerminal(current.Status))
        {
            return await limits.Read(caller.Tenant, () => route.Find(store, caller, http.RequestAborted));
        }

        using var permit = limits.Streams.Acquire(caller.Tenant);
        if (permit.ToProblem("streams and long polls", "streams and long polls are open") is { } rejection)
        {
            return (null, rejection);
        }

        await WaitForChange(http, current, timeout);
        return await limits.ReadForSubscriber(caller.Tenant, () => route.Find(store, caller, http.RequestAborted), http.RequestAborted);
    }

    private static async Task WaitForChange(HttpContext http, Run run, TimeSpan timeout)
    {
        var services = http.RequestServices;
        var clock = services.GetRequiredService<TimeProvider>();
        var startedAt = clock.GetTimestamp();
        // A process that stops responds with the current run.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            using var subscriber = await services.GetRequiredService<RunSubscriptions>().Subscribe(run.Id, stopping.Token);
            while (subscriber is { View: var view } && !HasVersionChanged(http.Request, view.Run) && !RunStatuses.IsTerminal(view.Run.Status)
                && await view.WaitForChange(timeout - clock.GetElapsedTime(startedAt), clock, stopping.Token))
            {
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
        }
    }

    // Whether the run's version differs from the caller's ETag. False without If-None-Match: such a caller waits for
    // the end.
    private static bool HasVersionChanged(HttpRequest request, Run run) => request.Headers.IfNoneMatch.Count > 0 && !MatchesIfNoneMatch(request, run);

    private static bool MatchesIfNoneMatch(HttpRequest request, Run run) =>
        request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } known && known.Any(tag => tag.Tag == GetETag(run) || tag == EntityTagHeaderValue.Any);

    // Appended events do not change the run's version.
    private static string GetETag(Run run) => $"\"{run.Version}\"";
}
