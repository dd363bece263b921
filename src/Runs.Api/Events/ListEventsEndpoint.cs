using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>GET /runs/{run_id}/events</c> and <c>GET /conversations/{conversation_id}/runs/{run_id}/events</c>: lists the
/// public events of a run's log, oldest first. Costs two store reads, or one when the events are embedded in the run.
/// </summary>
internal static class ListEventsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;
    private const long MaxPageCharacters = 8 * 1024 * 1024;

    public static async Task<Results<Ok<PageResource<RunEventResource>>, ProblemHttpResult>> Handle(
        HttpRequest request, [AsParameters] RunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? await ReadPage(request, run, store, RunEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    public static async Task<Results<Ok<PageResource<ConversationEventResource>>, ProblemHttpResult>> HandleInConversation(
        HttpRequest request, [AsParameters] ConversationRunRoute route, Caller caller, IRunStore store, CancellationToken cancellationToken) =>
        await route.FindWithoutPayload(store, caller, cancellationToken) is { } run
            ? await ReadPage(request, run, store, ConversationEventResource.From, cancellationToken)
            : Problems.RunNotFound();

    private static async Task<Results<Ok<PageResource<T>>, ProblemHttpResult>> ReadPage<T>(
        HttpRequest request, Run run, IRunStore store, Func<RunEvent, T> toResource, CancellationToken cancellationToken)
    {
        var errors = new List<ValidationError>();
        var after = PageRequest.ReadInteger(request, "after_event_id", 0, long.MaxValue, errors) ?? PageRequest.ReadInteger(request, "cursor", 0, long.MaxValue, errors);
        var limit = (int)(PageRequest.ReadInteger(request, "limit", 1, MaxLimit, errors) ?? DefaultLimit);
        if (errors.Count > 0)
        {
            return Problems.ValidationFailed(errors);
        }

        // Reads one event more than the page holds, to detect a next page. A page that reached its size limit has one,
        // too.
        var events = await store.ReadEvents(run, after ?? 0, limit + 1, EventVisibility.Public, cancellationToken);
        var page = events.Take(limit).ToList();
        var characters = page.Sum(runEvent => (long)runEvent.Event.Text.Length);
        if (request.HttpContext.RequestServices.GetRequiredService<RequestLimits>().ChargeResponse(request.HttpContext, run.Tenant, characters) is { } problem)
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
}

/// <summary>An event of a run's log.</summary>
public sealed record RunEventResource
{
    /// <summary>Ascending within the run, from 1. Gaps are hidden events.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as sent: an object with a <c>type</c>.</summary>
    public required RawJson Payload { get; init; }

    /// <summary>When the event was appended.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static RunEventResource From(RunEvent runEvent) => new()
    {
        EventId = runEvent.EventId,
        EventType = runEvent.EventType,
        Payload = runEvent.Event,
        CreatedAt = runEvent.CreatedAt,
    };
}

/// <summary>An event of a run's log, as its conversation shows it.</summary>
public sealed record ConversationEventResource
{
    /// <summary>Ascending within the run, from 1. Gaps are hidden events.</summary>
    public required long EventId { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>The event as sent: an object with a <c>type</c>.</summary>
    public required RawJson Event { get; init; }

    internal static ConversationEventResource From(RunEvent runEvent) => new()
    {
        EventId = runEvent.EventId,
        EventType = runEvent.EventType,
        Event = runEvent.Event,
    };
}
