using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>
/// <c>GET /conversations/{conversation_id}/input-requests</c>, and for runs of every kind
/// <c>GET /runs/{run_id}/input-requests</c>: lists input requests by run, newest first, and within a run by request,
/// newest first. A cursor is a stable position, so requests that are added or answered between two pages cause no gap
/// and no duplicate.
/// </summary>
internal static class ListInputRequestsEndpoint
{
    private const int RunsPerRead = 100;

    // A form may have several megabytes. A page ends before it exceeds this size, so a hundred large forms take several
    // pages.
    private const long MaxPageCharacters = 8 * 1024 * 1024;

    /// <summary>The query parameter with the <c>next</c> of an earlier page.</summary>
    public static CursorParameter<InputRequestCursor> Cursor { get; } = new(
        "The `next` of an earlier page, to continue there. The first page when absent.", InputRequestCursor.Decode);

    /// <summary>The query parameter that selects the requests of a run.</summary>
    public static TextParameter RunId { get; } = new("run_id", "Only requests of this run.", FieldLimits.MaxNameLength);

    /// <summary>The query parameter that selects requests by status.</summary>
    public static EnumParameter Status { get; } = new("status", "Only requests with this current status.", InputRequestStatuses.All);

    /// <summary>List a run's input requests</summary>
    /// <remarks>The input requests of the run, newest first.</remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] RunRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (await route.FindWithoutPayload(store, caller, cancellationToken) is not { } run)
        {
            return Problems.RunNotFound();
        }

        var errors = new List<ValidationError>();
        var parameters = ReadParameters(request, errors);
        return errors.Count > 0
            ? Problems.ValidationFailed(errors)
            : await ReadPage(request, new[] { run }.ToAsyncEnumerable(), parameters, caller, limits);
    }

    /// <summary>List a conversation's input requests</summary>
    /// <remarks>
    /// The input requests of the conversation's runs, ordered by run, newest first, and within a run newest first.
    /// </remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> HandleInConversation(
        HttpRequest request,
        [AsParameters] ConversationRoute route,
        Caller caller,
        IRunStore store,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(out var conversation))
        {
            return Problems.ConversationNotFound();
        }

        var errors = new List<ValidationError>();
        var parameters = ReadParameters(request, errors);
        var runId = RunId.Read(request, errors);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        var query = new RunQuery
        {
            Tenant = caller.Tenant,
            Projects = caller.Projects,
            ConversationId = conversation,
            HasInputRequests = true,
            InputRequestStatus = parameters.Status,
        };
        var runs = runId is null
            ? ReadRuns(query, parameters.Cursor?.Run, store, cancellationToken)
            : ReadSingleRun(runId, query, store, cancellationToken);
        return await ReadPage(request, runs, parameters, caller, limits);
    }

    private static Parameters ReadParameters(HttpRequest request, List<ValidationError> errors)
    {
        var (cursor, cursorText) = Cursor.Read(request, errors);
        return new Parameters(
            cursor, cursorText, PageRequest.LimitParameter.ReadOrDefault(request, errors), Status.Read(request, errors));
    }

    private static async Task<Results<Ok<PageResource<InputRequestResource>>, ProblemHttpResult>> ReadPage(
        HttpRequest request, IAsyncEnumerable<Run> runs, Parameters parameters, Caller caller, RequestLimits limits)
    {
        var (items, characters, next) = await ReadItems(runs, parameters);
        if (limits.ChargeResponse(request.HttpContext, caller.Tenant, characters) is { } problem)
        {
            return problem;
        }

        var page = new PageInfoResource { Self = parameters.CursorText, Next = next?.Encode() };
        return TypedResults.Ok(new PageResource<InputRequestResource>(items, page));
    }

    private static async Task<(IReadOnlyList<InputRequestResource> Items, long Characters, InputRequestCursor? Next)> ReadItems(
        IAsyncEnumerable<Run> runs, Parameters parameters)
    {
        var page = new PageBuilder<InputRequestResource>(parameters.Limit, MaxPageCharacters);
        await foreach (var run in runs)
        {
            var startIndex = parameters.Cursor is { } start && start.Run.Id == run.Id ? start.NextIndex : int.MaxValue;
            for (var i = Math.Min(startIndex, run.InputRequests.Count - 1); i >= 0; i--)
            {
                var inputRequest = run.InputRequests[i];
                if (parameters.Status is { } status && inputRequest.Status != status)
                {
                    continue;
                }

                var length = CountCharacters(inputRequest);
                if (!page.TryAdd(InputRequestResource.From(run, inputRequest), length))
                {
                    return (page.Items, page.CharacterCount - length, new InputRequestCursor(RunCursor.After(run), i));
                }
            }
        }

        return (page.Items, page.CharacterCount, null);
    }

    private static long CountCharacters(InputRequest request) =>
        request.Fields.Text.Length
        + (request.Metadata?.Text.Length ?? 0)
        + (request.Values?.Text.Length ?? 0)
        + (request.Description?.Length ?? 0);

    // As the query selects runs: of its tenant, conversation and projects.
    private static bool IsSelected(Run run, RunQuery query) =>
        run.Tenant == query.Tenant
        && run.ConversationId == query.ConversationId
        && (query.Projects is null || (run.ProjectId is { } project && query.Projects.Contains(project)));

    private static async IAsyncEnumerable<Run> ReadSingleRun(
        string runId, RunQuery query, IRunStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = await store.FindWithoutPayload(RunIds.ForRun(query.Tenant, runId), cancellationToken);
        if (run is not null && IsSelected(run, query))
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
        if (cursor is { } start && await store.FindWithoutPayload(start.Id, cancellationToken) is { } first && IsSelected(first, query))
        {
            yield return first;
        }

        RunPage page;
        do
        {
            page = await store.List(query, cursor, RunsPerRead, cancellationToken);
            foreach (var run in page.Runs)
            {
                yield return run;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private sealed record Parameters(InputRequestCursor? Cursor, string? CursorText, int Limit, string? Status);
}
