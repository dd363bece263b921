using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using Runs.Api.Events;
using Runs.Api.Http;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>
/// <c>GET /runs/{run_id}</c> and its conversation view. Both read the store once. A read after a 202 finds at least what the 202 has acknowledged.
/// With <c>?wait=30</c> or <c>Prefer: wait=30</c>, <c>GET /runs/{run_id}</c> waits up to 30 seconds: with <c>If-None-Match</c> until the run has another version than the
/// one named, without it until the run has ended. Such a call reads the store twice.
/// </summary>
internal static class GetRunEndpoint
{
    private const int MaxWait = 60;

    public static async Task<Results<Ok<RunResource>, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, IRunStore store, RequestLimits limits, CancellationToken cancellationToken)
    {
        var errors = new List<InvalidMember>();
        var wait = PageParameters.Number(http.Request, "wait", 0, MaxWait, errors) ?? Preferences.Wait(http.Request, MaxWait);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var (run, limited) = wait > 0 && !HttpMethods.IsHead(http.Request.Method)
            ? await FindAfterChange(http, path, caller, store, limits, TimeSpan.FromSeconds(wait.Value))
            : await limits.Read(caller.Tenant, () => path.Find(store, caller, cancellationToken));
        if (run is null)
        {
            return limited ?? Problems.RunNotFound();
        }

        http.Response.Headers.ETag = TagOf(run);
        http.Response.SetRevalidated();
        return Knows(http.Request, run) ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : limits.TryHold(http, caller.Tenant, run) is { } tooMuch ? tooMuch
            : TypedResults.Ok(run.ToResource());
    }

    public static async Task<Results<Ok<ConversationRunResource>, ProblemHttpResult>> InConversation(
        [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.FindHead(store, caller, cancellationToken) is { } run ? TypedResults.Ok(ConversationRunResource.From(run)) : Problems.RunNotFound();

    /// <summary>The run, once it is what the caller waits for or the time is up. While it waits, nothing large is in memory and no permit for reads is held.</summary>
    private static async Task<(Run? Run, ProblemHttpResult? Problem)> FindAfterChange(
        HttpContext http, RunPath path, Caller caller, IRunStore store, RequestLimits limits, TimeSpan wait)
    {
        var (head, limited) = await limits.Read(caller.Tenant, () => path.FindHead(store, caller, http.RequestAborted));
        if (head is null)
        {
            return (null, limited);
        }

        if (IsNews(http.Request, head) || RunStatuses.IsTerminal(head.Status))
        {
            return await limits.Read(caller.Tenant, () => path.Find(store, caller, http.RequestAborted));
        }

        using var permit = limits.Streams.Acquire(caller.Tenant);
        if (permit.Problem("streams and long polls", "streams and long polls are open") is { } tooMany)
        {
            return (null, tooMany);
        }

        await Change(http, head, wait);
        return await limits.ReadForFollower(caller.Tenant, () => path.Find(store, caller, http.RequestAborted), http.RequestAborted);
    }

    private static async Task Change(HttpContext http, Run run, TimeSpan wait)
    {
        var services = http.RequestServices;
        var clock = services.GetRequiredService<TimeProvider>();
        var begun = clock.GetTimestamp();
        // A process that stops answers with what there is.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            using var follower = await services.GetRequiredService<RunFollowers>().Follow(run.Id, ending.Token);
            while (follower is { View: var view } && !IsNews(http.Request, view.Run) && !RunStatuses.IsTerminal(view.Run.Status)
                && await view.ChangesWithin(wait - clock.GetElapsedTime(begun), clock, ending.Token))
            {
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
        }
    }

    // Whether the run is another one than the caller knows; who says nothing of that waits for the end.
    private static bool IsNews(HttpRequest request, Run run) => request.Headers.IfNoneMatch.Count > 0 && !Knows(request, run);

    private static bool Knows(HttpRequest request, Run run) =>
        request.GetTypedHeaders().IfNoneMatch is { Count: > 0 } known && known.Any(tag => tag.Tag == TagOf(run) || tag == EntityTagHeaderValue.Any);

    // Events that are appended to the log do not change what this shows.
    private static string TagOf(Run run) => $"\"{run.Version}\"";
}
