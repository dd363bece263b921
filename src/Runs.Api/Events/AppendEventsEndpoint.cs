using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>POST /conversations/{conversation_id}/runs/{run_id}/events</c>, and for runs of every kind
/// <c>POST /runs/{run_id}/events</c>: appends to a run's log, all events or none. For its cost see
/// <see cref="EventAppender"/>.
/// </summary>
internal static class AppendEventsEndpoint
{
    public static async Task<Results<Ok<AppendEventsResponse>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunRoute route, Caller caller, EventAppender appender, RequestLimits limits, IOptions<ApiOptions> options, CancellationToken cancellationToken)
    {
        var result = await Append(http, route, null, caller, appender, limits, options.Value, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(AppendEventsResponse.From(run, result.AppendedCount)) : result.Problem!;
    }

    public static async Task<Results<Ok<AppendConversationEventsResponse>, ProblemHttpResult>> HandleInConversation(
        HttpContext http, [AsParameters] ConversationRunRoute route, Caller caller, EventAppender appender, RequestLimits limits, IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var result = await Append(http, route.Route, route.ConversationId, caller, appender, limits, options.Value, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(AppendConversationEventsResponse.From(run, result.AppendedCount)) : result.Problem!;
    }

    private static async Task<AppendResult> Append(
        HttpContext http, RunRoute route, string? conversationId, Caller caller, EventAppender appender, RequestLimits limits, ApiOptions options,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return new AppendResult(Problems.RunNotFound());
        }

        var (document, unreadable) = await JsonBodyReader.Read(http.Request, cancellationToken);
        if (document is null)
        {
            return new AppendResult(unreadable!);
        }

        if (ParseBody(document, out var errors) is not { } body)
        {
            return new AppendResult(Problems.ValidationFailed(errors));
        }

        // The permit is acquired after the body is read: a client that sends slowly holds none.
        using var permit = limits.Appends.Acquire(caller.Tenant);
        if (permit.ToProblem() is { } problem)
        {
            return new AppendResult(problem);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.ReplyTimeout);
        try
        {
            return await appender.Append(caller, runId, conversationId, body, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AppendResult(Problems.AppendOutcomeUnknown(runId));
        }
    }

    private static AppendEventsBody? ParseBody(JsonDocument document, out List<ValidationError> errors)
    {
        using (document)
        {
            errors = [];
            return AppendEventsBody.Parse(document.RootElement, errors);
        }
    }
}

/// <summary>The response to an append: the end of the log.</summary>
public sealed record AppendEventsResponse
{
    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>
    /// The number of events that this call appended: fewer than it sent for a partial repeat, 0 for an exact repeat.
    /// </summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events that callers appended.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendEventsResponse From(Run run, int count) => new()
    {
        LatestEventId = run.LatestEventId,
        AppendedCount = count,
        LatestExternalEventSequence = run.LatestExternalEventSequence,
    };
}

/// <summary>The response to an append in a conversation: the end of the log, and the run.</summary>
public sealed record AppendConversationEventsResponse
{
    /// <summary>The current run.</summary>
    public required ConversationRunResource Run { get; init; }

    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>
    /// The number of events that this call appended: fewer than it sent for a partial repeat, 0 for an exact repeat.
    /// </summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events that callers appended.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendConversationEventsResponse From(Run run, int count) => new()
    {
        Run = ConversationRunResource.From(run),
        LatestEventId = run.LatestEventId,
        AppendedCount = count,
        LatestExternalEventSequence = run.LatestExternalEventSequence,
    };
}
