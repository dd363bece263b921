using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /runs/{run_id}/events</c> and <c>GET /conversations/{conversation_id}/runs/{run_id}/events</c>: lists the
/// public events of a run's log, oldest first. Costs two store reads, or one when the events are embedded in the run.
/// </summary>
internal static class ListEventsEndpoint
{
    private const long MaxPageCharacters = 8 * 1024 * 1024;

    /// <summary>The query parameter with the event that the page begins after.</summary>
    public static IntegerParameter AfterEventId { get; } = new(
        "after_event_id", "Only events with greater ids. All events when absent, or when the log has no such id.", 0);

    /// <summary>The query parameter with the <c>next</c> of an earlier page, which is an event id.</summary>
    public static CursorParameter<long> Cursor { get; } = new(
        "The `next` of an earlier page, to continue there. Ignored when `after_event_id` is present.", DecodeCursor);

    /// <summary>The query parameter with the size of the page.</summary>
    public static IntegerParameter Limit { get; } = new("limit", "The maximum number of items in a page.", 1, 500)
    {
        Default = 100,
    };

    /// <summary>List a run's events</summary>
    /// <remarks>
    /// The public events of the log, oldest first. Ids ascend from 1; gaps are hidden events. The last event of a run
    /// that has ended is <c>RUN_FINISHED</c> or <c>RUN_ERROR</c>. A client that reads this event also reads the run as
    /// ended, and the reverse.
    ///
    /// Continue with <c>after_event_id</c>, the id of the last event that you have, or with the page's <c>next</c> as
    /// <c>cursor</c>. Very large events make pages shorter than <c>limit</c>; there are more pages while <c>next</c> is
    /// not null. Costs two round trips to the store, or one when the events are embedded in the run.
    /// </remarks>
    /// <response code="200">One page.</response>
    public static async Task<Results<Ok<PageResource<RunEventResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [AsParameters] RunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? await ReadPage(request, run, store, RunEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    /// <summary>List the events of a conversation's run</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Ok<PageResource<ConversationEventResource>>, ProblemHttpResult>> HandleInConversation(
        HttpRequest request,
        [AsParameters] ConversationRunRoute route,
        Caller caller,
        IRunStore store,
        CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? await ReadPage(request, run, store, ConversationEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> ReadPage<T>(
        HttpRequest request, Run run, IRunStore store, Func<RunEvent, T> toResource, CancellationToken cancellationToken)
    {
        var errors = new List<ValidationError>();
        var after = AfterEventId.Read(request, errors) ?? Cursor.Read(request, errors).Position;
        var limit = Limit.ReadOrDefault(request, errors);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        // A log that was restored from a backup may be shorter than what the caller has read: the list begins again, as
        // a stream does.
        after = after > run.LatestEventId ? null : after;

        // Reads one event more than the page holds, to detect a next page. A page that reached its size limit has one,
        // too.
        var events = await store.ReadEvents(run, after ?? 0, limit + 1, EventVisibility.Public, cancellationToken);
        var page = events.Take(limit).ToList();
        var characters = page.Sum(runEvent => (long)runEvent.Event.Text.Length);
        var limits = request.HttpContext.RequestServices.GetRequiredService<RequestLimits>();
        if (limits.ChargeResponse(request.HttpContext, run.Tenant, characters) is { } problem)
        {
            return problem;
        }

        var hasNext = events.Count > limit || (characters > MaxPageCharacters && page[^1].EventId < run.LatestEventId);
        return TypedResults.Ok(new PageResource<T>(
            [.. page.Select(toResource)],
            new PageInfoResource
            {
                Self = after?.ToString(CultureInfo.InvariantCulture),
                Next = hasNext ? page[^1].EventId.ToString(CultureInfo.InvariantCulture) : null,
            }));
    }

    private static long? DecodeCursor(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var eventId) ? eventId : null;
}
