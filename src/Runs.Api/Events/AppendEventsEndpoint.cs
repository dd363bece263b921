using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// <c>POST /conversations/{conversation_id}/runs/{run_id}/events</c>, and for runs of every kind <c>POST /runs/{run_id}/events</c>: appends to a run's log, all
/// events or none. What it costs stands with <see cref="EventAppender"/>.
/// </summary>
internal static class AppendEventsEndpoint
{
    public static async Task<Results<Ok<AppendEventsResource>, ProblemHttpResult>> Handle(
        HttpContext http, [AsParameters] RunPath path, Caller caller, EventAppender appender, RequestLimits limits, IOptions<ApiOptions> options, CancellationToken cancellationToken)
    {
        var result = await Append(http, path, null, caller, appender, limits, options.Value, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(AppendEventsResource.From(run, result.Count)) : result.Problem!;
    }

    public static async Task<Results<Ok<AppendConversationEventsResource>, ProblemHttpResult>> InConversation(
        HttpContext http, [AsParameters] ConversationRunPath path, Caller caller, EventAppender appender, RequestLimits limits, IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var result = await Append(http, path.Run, path.ConversationId, caller, appender, limits, options.Value, cancellationToken);
        return result.Run is { } run ? TypedResults.Ok(AppendConversationEventsResource.From(run, result.Count)) : result.Problem!;
    }

    private static async Task<AppendResult> Append(
        HttpContext http, RunPath path, string? conversationId, Caller caller, EventAppender appender, RequestLimits limits, ApiOptions options,
        CancellationToken aborted)
    {
        if (!path.TryRunId(out var runId))
        {
            return new AppendResult(Problems.RunNotFound());
        }

        var (document, unreadable) = await JsonBody.Read(http.Request, aborted);
        if (document is null)
        {
            return new AppendResult(unreadable!);
        }

        if (Read(document, out var errors) is not { } body)
        {
            return new AppendResult(Problems.Invalid(errors));
        }

        // Only now: a client that sends slowly holds no permit.
        using var permit = limits.Appends.Acquire(caller.Tenant);
        if (permit.Problem() is { } limited)
        {
            return new AppendResult(limited);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        deadline.CancelAfter(options.ReplyTimeout);
        try
        {
            return await appender.Append(caller, runId, conversationId, body, deadline.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return new AppendResult(Problems.AppendUnknown(runId));
        }
    }

    private static AppendBody? Read(JsonDocument document, out List<InvalidMember> errors)
    {
        using (document)
        {
            errors = [];
            return AppendBody.Read(document.RootElement, errors);
        }
    }
}

/// <summary>The answer to an append: where the log ends now.</summary>
public sealed record AppendEventsResource
{
    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>How many events this call appended: fewer than it sent when it repeats an earlier one, and 0 when it says nothing new.</summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events appended from outside.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendEventsResource From(Run run, int count) => new()
    {
        LatestEventId = run.LatestEventId,
        AppendedCount = count,
        LatestExternalEventSequence = run.LatestExternalEventSequence,
    };
}

/// <summary>The answer to an append in a conversation: where the log ends now, and the run.</summary>
public sealed record AppendConversationEventsResource
{
    /// <summary>The run as it is now.</summary>
    public required ConversationRunResource Run { get; init; }

    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>How many events this call appended: fewer than it sent when it repeats an earlier one, and 0 when it says nothing new.</summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events appended from outside.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendConversationEventsResource From(Run run, int count) => new()
    {
        Run = ConversationRunResource.From(run),
        LatestEventId = run.LatestEventId,
        AppendedCount = count,
        LatestExternalEventSequence = run.LatestExternalEventSequence,
    };
}
