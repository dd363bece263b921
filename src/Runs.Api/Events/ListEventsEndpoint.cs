using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// The public events of a run's log, oldest first: <c>GET /runs/{run_id}/events</c> and <c>GET /conversations/{conversation_id}/runs/{run_id}/events</c>. Two reads
/// of the store, or one where the run holds them itself.
/// </summary>
internal static class ListEventsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;
    private const long LargePage = 8 * 1024 * 1024;

    public static async Task<Results<Ok<PageResource<RunEventResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [AsParameters] RunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.FindHead(store, caller, cancellationToken) is { } run
            ? await Page(request, run, store, RunEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    public static async Task<Results<Ok<PageResource<ConversationEventResource>>, ProblemHttpResult>> InConversation(
        HttpRequest request, [AsParameters] ConversationRunPath path, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await path.FindHead(store, caller, cancellationToken) is { } run
            ? await Page(request, run, store, ConversationEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> Page<T>(
        HttpRequest request, Run run, IRunStore store, Func<RunEvent, T> show, CancellationToken cancellationToken)
    {
        var errors = new List<InvalidMember>();
        var after = PageParameters.Number(request, "after_event_id", 0, long.MaxValue, errors) ?? PageParameters.Number(request, "cursor", 0, long.MaxValue, errors);
        var limit = (int)(PageParameters.Number(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        // One more than the page holds tells whether there is a next one; so does a page that is full by its size.
        var events = await store.Events(run, after ?? 0, limit + 1, EventScope.Public, cancellationToken);
        var page = events.Take(limit).ToList();
        var characters = page.Sum(logged => (long)logged.Event.Text.Length);
        if (request.HttpContext.RequestServices.GetRequiredService<RequestLimits>().TryHold(request.HttpContext, run.Tenant, characters) is { } tooMuch)
        {
            return tooMuch;
        }

        var hasNext = events.Count > limit || (characters > LargePage && page[^1].EventId < run.LatestEventId);
        return TypedResults.Ok(new PageResource<T>(
            [.. page.Select(show)],
            new PageInfoResource
            {
                Self = after?.ToString(CultureInfo.InvariantCulture),
                Next = hasNext ? page[^1].EventId.ToString(CultureInfo.InvariantCulture) : null,
            }));
    }
}

/// <summary>An event of a run's log.</summary>
public sealed record RunEventResource
{
    /// <summary>Ascending in its run, from 1. There are gaps: some events are kept and not shown.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as it was sent: an object with a <c>type</c>.</summary>
    public required RawJson Payload { get; init; }

    /// <summary>When it was logged.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static RunEventResource From(RunEvent logged) => new()
    {
        EventId = logged.EventId,
        EventType = logged.EventType,
        Payload = logged.Event,
        CreatedAt = logged.CreatedAt,
    };
}

/// <summary>An event of a run's log, as its conversation shows it.</summary>
public sealed record ConversationEventResource
{
    /// <summary>Ascending in its run, from 1. There are gaps: some events are kept and not shown.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as it was sent: an object with a <c>type</c>.</summary>
    public required RawJson Event { get; init; }

    internal static ConversationEventResource From(RunEvent logged) => new()
    {
        EventId = logged.EventId,
        EventType = logged.EventType,
        Event = logged.Event,
    };
}
