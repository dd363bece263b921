using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Runs.Api.Events;

/// <summary>
/// <c>POST /conversations/{conversation_id}/runs/{run_id}/events</c>, and for runs of every kind
/// <c>POST /runs/{run_id}/events</c>: appends to a run's log, all events or none. For its cost see
/// <see cref="EventAppender"/>.
/// </summary>
internal static class AppendEventsEndpoint
{
    /// <summary>Append to a run's log</summary>
    /// <remarks>
    /// Appends all of the events, in order, or none. The first append to a pending run starts it, in a separate step:
    /// the <c>RUN_STARTED</c> of the append begins the log; without one, the service writes it. Only the service ends a
    /// log; use <c>POST /runs/{run_id}/complete</c>.
    ///
    /// A repeat is detected by its cursor, <c>expected_previous_event_id</c> or
    /// <c>expected_previous_external_event_sequence</c> or both: events that the log already has after the cursor are
    /// not appended again. An exact repeat returns an <c>appended_count</c> of 0. A repeat with additional events
    /// appends only those. When the log has other events after the cursor, the response is 400 and nothing changes. A
    /// sequence more than 1,000 events before the end gets the same response. Without a cursor, events are appended at
    /// the end of the log, and a repeat appends them twice. The same happens with the sequence alone when none of the
    /// events is public, because the sequence does not count hidden events.
    ///
    /// While the run waits, and after it has ended, everything except detected repeats is rejected. So is an append
    /// whose <c>attempt</c> has ended, or that names none while a worker holds the run with a fenced claim. An append
    /// that names an attempt does not start a pending run. An append with the token of an event writer names the
    /// attempt of the token.
    ///
    /// Costs one round trip to the store, and one notification over the broker, which concurrent appends share. The
    /// first append of a process to a run also reads the run. Only the append that starts a run also sends a command.
    /// Concurrent writes, and a cursor that is not the end of the log, cost more.
    /// </remarks>
    /// <response code="200">The log contains the events.</response>
    public static async Task<Results<Ok<AppendEventsResponse>, ProblemHttpResult>> Handle(
        HttpContext http,
        [AsParameters] RunRoute route,
        Caller caller,
        EventAppender appender,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var result = await Append(http, route, null, caller, appender, bodyReader, limits, options.Value, cancellationToken);
        return result.IsSuccess ? TypedResults.Ok(AppendEventsResponse.From(result.Value)) : result.Problem;
    }

    /// <summary>Append to the log of a conversation's run</summary>
    /// <inheritdoc cref="Handle" path="/remarks"/>
    /// <inheritdoc cref="Handle" path="/response"/>
    public static async Task<Results<Ok<AppendConversationEventsResponse>, ProblemHttpResult>> HandleInConversation(
        HttpContext http,
        [AsParameters] ConversationRunRoute route,
        Caller caller,
        EventAppender appender,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        var result = await Append(
            http, route.Route, route.ConversationId, caller, appender, bodyReader, limits, options.Value, cancellationToken);
        return result.IsSuccess ? TypedResults.Ok(AppendConversationEventsResponse.From(result.Value)) : result.Problem;
    }

    private static async Task<Result<AppendResult>> Append(
        HttpContext http,
        RunRoute route,
        string? conversationId,
        Caller caller,
        EventAppender appender,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        ApiOptions options,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetRunId(out var runId))
        {
            return Problems.RunNotFound();
        }

        var body = await bodyReader.Read(http.Request, AppendEventsBody.Parse, cancellationToken);
        if (!body.IsSuccess)
        {
            return body.Problem;
        }

        if (caller.EventWriter is { } writer && body.Value.Attempt is { } named && named != writer.Attempt)
        {
            return Problems.EventWriterTokenNotAllowed();
        }

        var append = body.Value with { Attempt = caller.GetAttempt(body.Value.Attempt) };
        if (caller.MustNameAttempt && append.Attempt is null)
        {
            return Problems.AttemptRequired();
        }

        // The permit is acquired after the body is read: a client that sends slowly holds none.
        using var permit = limits.Appends.Acquire(caller.Tenant);
        if (permit.ToProblem() is { } problem)
        {
            return problem;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.ReplyTimeout);
        try
        {
            return await appender.Append(caller, runId, conversationId, append, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Problems.AppendOutcomeUnknown(runId);
        }
    }
}
