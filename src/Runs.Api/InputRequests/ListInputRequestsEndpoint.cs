using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Api.RateLimiting;
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

    // Forms may be of some megabytes each. A page ends before it has more, so that a hundred of them are several pages.
    private const long MaxCharacters = 8 * 1024 * 1024;

    public static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store, RequestLimits limits,
        CancellationToken cancellationToken)
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
        var cursor = self is null ? null : InputRequestCursor.Decode(self);
        if (self is not null && cursor is null)
        {
            errors.Add(new InvalidMember("cursor", "is not a cursor of this list."));
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ConversationId = conversation.ToString(),
            HasInputRequests = true,
            InputRequestStatus = status,
        };
        var runs = runId.Length > 0 ? Only(runId, query, store, cancellationToken) : All(query, cursor?.Run, store, cancellationToken);
        var (items, characters, next) = (new List<InputRequestResource>(), 0L, default(InputRequestCursor?));
        await foreach (var run in runs)
        {
            var first = cursor is { } place && place.Run.Id == run.Id ? place.Next : int.MaxValue;
            for (var i = Math.Min(first, run.InputRequests.Count - 1); i >= 0; i--)
            {
                if (status is not null && run.InputRequests[i].Status != status)
                {
                    continue;
                }

                var length = LengthOf(run.InputRequests[i]);
                if (items.Count == limit || (items.Count > 0 && characters + length > MaxCharacters))
                {
                    next = new InputRequestCursor(RunCursor.After(run), i);
                    break;
                }

                items.Add(InputRequestResource.From(run, run.InputRequests[i]));
                characters += length;
            }

            if (next is not null)
            {
                break;
            }
        }

        return limits.TryHold(request.HttpContext, caller.Tenant, characters) is { } problem ? problem : TypedResults.Ok(Page(items, self, next?.Encode()));
    }

    private static long LengthOf(InputRequest request) =>
        request.Fields.Text.Length + (request.Metadata?.Text.Length ?? 0) + (request.Values?.Text.Length ?? 0) + (request.Description?.Length ?? 0);

    private static bool IsIn(Run run, IReadOnlyCollection<string>? projects) => projects is null || (run.ProjectId is { } project && projects.Contains(project));

    private static PageResource<InputRequestResource> Page(List<InputRequestResource> items, string? self, string? next) =>
        new(items, new PageInfoResource { Self = self, Next = next });

    private static async IAsyncEnumerable<Run> Only(string runId, RunQuery query, IRunStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await store.FindHead(RunKey.Of(query.Tenant, runId), cancellationToken) is { } run && run.ConversationId == query.ConversationId && IsIn(run, query.Projects))
        {
            yield return run;
        }
    }

    /// <summary>The runs that the query selects, from the one that a cursor names on, whether or not it is still selected.</summary>
    private static async IAsyncEnumerable<Run> All(
        RunQuery query, RunCursor? from, IRunStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (from is { } place && await store.FindHead(place.Id, cancellationToken) is { } first
            && first.Tenant == query.Tenant && first.ConversationId == query.ConversationId && IsIn(first, query.Projects))
        {
            yield return first;
        }

        RunPage page;
        do
        {
            page = await store.List(query, from, MaxLimit, cancellationToken);
            foreach (var run in page.Runs)
            {
                yield return run;
            }

            from = page.Next;
        }
        while (from is not null);
    }

    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> One(
        [AsParameters] InputRequestPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.Find(store, caller, cancellationToken) is var (run, request)
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : Problems.InputRequestNotFound();
}
