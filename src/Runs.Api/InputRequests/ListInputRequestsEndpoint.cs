using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>GET /conversations/{conversation_id}/input-requests</c> and one of them. The list goes by runs, newest first, and each run's requests from the newest. A cursor
/// marks a place that stays, so pages are whole while requests are added and answered.
/// </summary>
internal static class ListInputRequestsEndpoint
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int LongestRunId = 255;

    public static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(conversationId, "D", out var conversation))
        {
            return Problems.ConversationNotFound();
        }

        var errors = new List<InvalidMember>();
        var limit = (int)(PageParameters.Number(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        var status = PageParameters.Member(request, "status", InputRequestStatuses.All, errors);
        var runId = request.Query["run_id"].ToString();
        if (runId.Length > LongestRunId)
        {
            errors.Add(new InvalidMember("run_id", $"must be 1-{LongestRunId} characters."));
        }

        var self = request.Query["cursor"].ToString() is { Length: > 0 } text ? text : null;
        if (!InputRequestCursor.TryDecode(self, out var cursor))
        {
            errors.Add(new InvalidMember("cursor", "is not a cursor of this list."));
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var query = new RunQuery { Tenant = caller.Tenant, ConversationId = conversation.ToString(), HasInputRequests = true, InputRequestStatus = status };
        var items = new List<InputRequestResource>();
        await foreach (var (run, asked, place) in Requests(store, query, cursor, cancellationToken))
        {
            if ((status is not null && asked.Status != status) || (runId.Length > 0 && run.RunId != runId))
            {
                continue;
            }

            if (items.Count == limit)
            {
                return TypedResults.Ok(Page(items, self, place.Encode()));
            }

            items.Add(InputRequestResource.From(run, asked));
        }

        return TypedResults.Ok(Page(items, self, next: null));
    }

    private static PageResource<InputRequestResource> Page(List<InputRequestResource> items, string? self, string? next) =>
        new(items, new PageInfoResource { Self = self, Next = next });

    /// <summary>Every request from the cursor on, each with the place that begins with it.</summary>
    private static async IAsyncEnumerable<(Run Run, InputRequest Request, InputRequestCursor Place)> Requests(
        IRunStore store, RunQuery query, InputRequestCursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (before, first) = (cursor.BeforeRun, cursor.First);
        RunPage page;
        do
        {
            page = await store.List(query, before, MaxLimit, cancellationToken);
            foreach (var run in page.Runs)
            {
                for (var i = Math.Min(first, run.InputRequests.Count - 1); i >= 0; i--)
                {
                    yield return (run, run.InputRequests[i], new InputRequestCursor(before, i));
                }

                (before, first) = (RunCursor.After(run), int.MaxValue);
            }
        }
        while (page.Next is not null);
    }

    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> One(
        [AsParameters] InputRequestPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.Find(store, caller, cancellationToken) is var (run, request)
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : Problems.InputRequestNotFound();
}
