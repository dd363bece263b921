using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>GET /conversations/{conversation_id}/input-requests</c> and <c>GET …/input-requests/{input_request_id}</c>. The
/// list is ordered by run, newest first, and within a run by request, newest first. A cursor is a stable position, so
/// requests that are added or answered between two pages cause no gap and no duplicate.
/// </summary>
internal static class ListInputRequestsEndpoint
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int MaxRunIdLength = 255;

    // A form may have several megabytes. A page ends before it exceeds this size, so a hundred large forms take several
    // pages.
    private const long MaxPageCharacters = 8 * 1024 * 1024;

    public static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [FromRoute(Name = "conversation_id")] string conversationId, Caller caller, IRunStore store, RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(conversationId, "D", out var conversation))
        {
            return Problems.ConversationNotFound();
        }

        var errors = new List<ValidationError>();
        var limit = (int)(PageRequest.ReadInteger(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        var status = PageRequest.ReadEnum(request, "status", InputRequestStatuses.All, errors);
        var runId = request.Query["run_id"].ToString();
        if (runId.Length > MaxRunIdLength)
        {
            errors.Add(new ValidationError("run_id", $"must be 1-{MaxRunIdLength} characters."));
        }

        var self = request.Query["cursor"].ToString() is { Length: > 0 } text ? text : null;
        var cursor = self is null ? null : InputRequestCursor.Decode(self);
        if (self is not null && cursor is null)
        {
            errors.Add(new ValidationError("cursor", "is not a cursor of this list."));
        }

        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ConversationId = conversation.ToString(),
            HasInputRequests = true,
            InputRequestStatus = status,
        };
        var runs = runId.Length > 0 ? ReadSingleRun(runId, query, store, cancellationToken) : ReadRuns(query, cursor?.Run, store, cancellationToken);
        var (items, characters, next) = (new List<InputRequestResource>(), 0L, default(InputRequestCursor?));
        await foreach (var run in runs)
        {
            var startIndex = cursor is { } start && start.Run.Id == run.Id ? start.NextIndex : int.MaxValue;
            for (var i = Math.Min(startIndex, run.InputRequests.Count - 1); i >= 0; i--)
            {
                if (status is not null && run.InputRequests[i].Status != status)
                {
                    continue;
                }

                var length = CountCharacters(run.InputRequests[i]);
                if (items.Count == limit || (items.Count > 0 && characters + length > MaxPageCharacters))
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

        return limits.ChargeResponse(request.HttpContext, caller.Tenant, characters) is { } problem ? problem : TypedResults.Ok(CreatePage(items, self, next?.Encode()));
    }

    private static long CountCharacters(InputRequest request) =>
        request.Fields.Text.Length + (request.Metadata?.Text.Length ?? 0) + (request.Values?.Text.Length ?? 0) + (request.Description?.Length ?? 0);

    private static bool BelongsToProjects(Run run, IReadOnlyCollection<string>? projects) => projects is null || (run.ProjectId is { } project && projects.Contains(project));

    private static PageResource<InputRequestResource> CreatePage(List<InputRequestResource> items, string? self, string? next) =>
        new(items, new PageInfoResource { Self = self, Next = next });

    private static async IAsyncEnumerable<Run> ReadSingleRun(string runId, RunQuery query, IRunStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await store.FindWithoutPayload(RunIds.ForRun(query.Tenant, runId), cancellationToken) is { } run && run.ConversationId == query.ConversationId && BelongsToProjects(run, query.Projects))
        {
            yield return run;
        }
    }

    /// <summary>
    /// Reads the runs that the query selects, starting with the cursor's run, even if the query no longer selects it.
    /// </summary>
    private static async IAsyncEnumerable<Run> ReadRuns(
        RunQuery query, RunCursor? cursor, IRunStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cursor is { } start && await store.FindWithoutPayload(start.Id, cancellationToken) is { } first
            && first.Tenant == query.Tenant && first.ConversationId == query.ConversationId && BelongsToProjects(first, query.Projects))
        {
            yield return first;
        }

        RunPage page;
        do
        {
            page = await store.List(query, cursor, MaxLimit, cancellationToken);
            foreach (var run in page.Runs)
            {
                yield return run;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    public static async Task<Results<Ok<InputRequestResource>, ProblemHttpResult>> HandleSingle(
        [AsParameters] InputRequestRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.Find(store, caller, cancellationToken) is var (run, request)
            ? TypedResults.Ok(InputRequestResource.From(run, request))
            : Problems.InputRequestNotFound();
}
