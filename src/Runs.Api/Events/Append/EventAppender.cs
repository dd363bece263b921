using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Appends events to run logs directly in the store, without the saga. The run's status does not change. When an append
/// and a status change are concurrent, one of the two detects the conflict.
/// </summary>
/// <remarks>
/// Costs one round trip to the store, which concurrent appends share, and no command. One notification, which
/// concurrent appends share too, goes to the other processes. The first append of a process to a run also reads the
/// run, and so do a concurrent write and a cursor that is not the end of the log, which may be that of a repeat. Only
/// the first append to a pending run sends a command: the saga starts the run in a separate step, with the executor's
/// own start event when it sent one.
/// </remarks>
internal sealed class EventAppender(
    IRunStore store,
    StoreAvailability availability,
    RunCommandClient client,
    RunHeadCache heads,
    RunSubscriptions subscriptions,
    ApiMetrics metrics,
    TimeProvider clock)
{
    // The events of one append are stored in the run document, whose total size is limited to 16 MiB.
    private const long MaxRunBytes = 14 * 1024 * 1024;

    /// <summary>
    /// Appends all of the events or none. Events that are already in the log, from an earlier call whose response was
    /// lost, are not appended again.
    /// </summary>
    /// <param name="caller">The caller.</param>
    /// <param name="runId">The run.</param>
    /// <param name="conversationId">The conversation that the run must belong to, or null for any.</param>
    /// <param name="body">At least one event.</param>
    /// <param name="cancellationToken">Stops retrying. The outcome of the last attempt is then unknown.</param>
    public async Task<Result<AppendResult>> Append(
        Caller caller, string runId, string? conversationId, AppendEventsBody body, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = "failed";
        try
        {
            var result = await AppendUnmeasured(caller, runId, conversationId, body, cancellationToken);
            outcome = !result.IsSuccess ? (result.Problem.StatusCode < 500 ? "rejected" : outcome)
                : result.Value.Count > 0 ? "appended" : "repeated";
            return result;
        }
        finally
        {
            metrics.RecordAppend(outcome, Stopwatch.GetElapsedTime(started));
        }
    }

    private async Task<Result<AppendResult>> AppendUnmeasured(
        Caller caller, string runId, string? conversationId, AppendEventsBody body, CancellationToken cancellationToken)
    {
        if (!availability.IsAvailable)
        {
            return Problems.StoreNotWritable(runId);
        }

        var id = RunIds.ForRun(caller.Tenant, runId);
        if (await TryAppendToCachedHead(id, conversationId, body, cancellationToken) is { } result)
        {
            return result;
        }

        var storedByStart = 0; // 1 if the start has stored the first event of the body
        var isStarted = false; // then the call has changed the run
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var run = await store.FindBeforeWrite(id, cancellationToken);
                if (run is null or { Status: Run.CancellationPending } || !BelongsTo(run, conversationId))
                {
                    return Problems.RunNotFound();
                }

                // A repeat succeeds regardless of the run's current status.
                var stored = await AppendDeduplicator.CountStored(store, run, body, cancellationToken);
                if (stored != body.Events.Count && Check(run, body.Attempt) is { } rejection)
                {
                    return rejection;
                }

                if (stored is not { } storedCount)
                {
                    return Problems.EventCursorMismatch();
                }

                if (run.Status == RunStatuses.Pending) // so none of the events is stored
                {
                    var start = await Start(caller, runId, body, cancellationToken);
                    if (!start.IsSuccess)
                    {
                        return start.Problem;
                    }

                    isStarted = true;
                    (storedByStart, body) = start.Value ? (1, body.SkipFirst()) : (0, body);
                    continue;
                }

                if (storedCount == body.Events.Count)
                {
                    return new AppendResult(run, storedByStart);
                }

                var newEvents = body.Events.Skip(storedCount);
                if (await TryAppend(RunHead.From(run), body, newEvents, storedByStart, cancellationToken) is { } appended)
                {
                    return appended;
                }

                await DelayRetry(attempt, cancellationToken);
            }
        }
        catch (StoreUnavailableException exception) when (exception.IsArchiveFull ? storedByStart > 0 : isStarted)
        {
            return Problems.AppendOutcomeUnknown(runId);
        }
    }

    private async Task<Result<AppendResult>?> TryAppendToCachedHead(
        Guid id, string? conversationId, AppendEventsBody body, CancellationToken cancellationToken) =>
        heads.Take(id) is { } head && BelongsTo(head.Run, conversationId) && AppendDeduplicator.IsAtEnd(head.Run, body)
        && CheckAttempt(head.Run, body.Attempt) is null // the cached head may precede the attempt; then the run is read
            ? await TryAppend(head, body, body.Events, storedByStart: 0, cancellationToken)
            : null;

    private static bool BelongsTo(Run run, string? conversationId) =>
        conversationId is null || ConversationRunRoute.BelongsToConversation(run, conversationId);

    private static ProblemHttpResult? Check(Run run, int? attempt) =>
        RunStatuses.IsTerminal(run.Status) ? Problems.RunAlreadyFinished()
        : CheckAttempt(run, attempt) is { } problem ? problem
        : run.Status == RunStatuses.Waiting ? Problems.RunIsWaiting()
        : null;

    private static ProblemHttpResult? CheckAttempt(Run run, int? attempt) => attempt switch
    {
        { } named when !run.IsCurrentAttempt(named) => Problems.AttemptLost(run),
        null when run.RequiresAttempt() => Problems.AttemptRequired(),
        _ => null,
    };

    /// <summary>
    /// Starts the run. The executor's own start event, when the body begins with one, begins the log.
    /// </summary>
    /// <returns>Whether the body's first event was stored as the start event.</returns>
    private async Task<Result<bool>> Start(Caller caller, string runId, AppendEventsBody body, CancellationToken cancellationToken)
    {
        RawJson? startEvent = body.Events[0] is { Type: RunEventTypes.RunStarted } first ? first.Event : null;
        var command = new StartRun
        {
            Tenant = caller.Tenant,
            RunId = runId,
            Actor = caller.Actor,
            TraceId = caller.TraceId,
            Event = startEvent,
        };
        var reply = await client.Send(command, caller.Tenant, runId, cancellationToken);
        return reply.IsSuccess ? startEvent is not null && reply.Value.Snapshot.Changed : reply.Problem;
    }

    // Null when the run or its log has changed since the head.
    private async Task<Result<AppendResult>?> TryAppend(
        RunHead head, AppendEventsBody body, IEnumerable<NewEvent> newEvents, int storedByStart, CancellationToken cancellationToken)
    {
        if (head.Run.RequestBytes + body.SizeInBytes > MaxRunBytes)
        {
            return Problems.RunTooLarge();
        }

        var events = AssignIds(head.Run, newEvents);
        try
        {
            if (await store.TryAppend(head, events, cancellationToken) is not { } next)
            {
                metrics.RecordAppendConflict();
                return null;
            }

            heads.Store(next);
            subscriptions.NotifyAppended(next.Run);
            return new AppendResult(next.Run, events.Count + storedByStart);
        }
        catch (StoreUnavailableException exception) when (!exception.NothingWritten)
        {
            return Problems.AppendOutcomeUnknown(head.Run.RunId);
        }
    }

    private List<RunEvent> AssignIds(Run run, IEnumerable<NewEvent> newEvents)
    {
        var now = clock.GetUtcNow().TruncateToMilliseconds();
        now = run.LatestEventAt > now ? run.LatestEventAt.Value : now;
        var (id, sequence) = (run.LatestEventId, run.LatestExternalEventSequence);
        return
        [
            .. newEvents.Select(item =>
            {
                var isPublic = RunEventTypes.IsPublic(item.Type);
                // A run starts once, so its log shows one start event.
                var isShown = isPublic && item.Type != RunEventTypes.RunStarted;
                return new RunEvent(++id, item.Type, isShown, isPublic ? ++sequence : null, now, item.Event);
            }),
        ];
    }

    private static Task DelayRetry(int attempt, CancellationToken cancellationToken) =>
        JitteredBackoff.Delay(attempt, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(64), cancellationToken);
}
