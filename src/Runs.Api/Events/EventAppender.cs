using Microsoft.AspNetCore.Http.HttpResults;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Appends events to the logs of runs, past the saga: the run's life goes on as before, and a change of it at the same time is seen by one of the two.
/// </summary>
/// <remarks>
/// Costs two round trips to the store, one to look at the run and one to write, and nothing goes over the broker; only the first append to a pending run asks the
/// saga to start it: that is a step of its own, and with the executor's own start its first event. A writer that was faster costs two more, and so does an expectation that does not hold, which may be that of a repeat.
/// </remarks>
internal sealed class EventAppender(IRunStore store, StoreAvailability availability, RunCommands lifecycle, RunFollowers followers, TimeProvider clock)
{
    // The events of one append are recorded in the run's own document, which may have 16 MiB with everything else.
    private const long MostBytes = 14 * 1024 * 1024;

    /// <summary>Appends all of the events or none; what of them is in the log already, from an earlier call that got no answer, is not appended again.</summary>
    /// <param name="caller">Who appends.</param>
    /// <param name="runId">The run.</param>
    /// <param name="conversationId">Where the run must live, or null where that does not matter.</param>
    /// <param name="body">At least one event.</param>
    /// <param name="cancellationToken">Ends the attempts; whether the last one was carried out is then not known.</param>
    public async Task<AppendResult> Append(
        Caller caller, string runId, string? conversationId, AppendBody body, CancellationToken cancellationToken)
    {
        if (!availability.IsAvailable)
        {
            return new AppendResult(Problems.NothingStored(runId));
        }

        var started = 0;
        for (var attempt = 0; ; attempt++)
        {
            var run = await store.FindBeforeWrite(RunKey.Of(caller.Tenant, runId), cancellationToken);
            if (run is null or { Status: Run.CalledOff } || (conversationId is not null && !ConversationRunPath.IsIn(run, conversationId)))
            {
                return new AppendResult(Problems.RunNotFound());
            }

            // A repeat is told so, whatever became of the run meanwhile.
            var stored = await EventReplay.CountStored(store, run, body, cancellationToken);
            if (stored != body.Events.Count && (Refusal(run) ?? (stored is null ? Problems.EventCursorMismatch() : null)) is { } refused)
            {
                return new AppendResult(refused);
            }

            if (run.Status == RunStatuses.Pending) // and so nothing is stored
            {
                var (problem, isOurs) = await Start(caller, runId, body.Events[0], cancellationToken);
                if (problem is not null)
                {
                    return new AppendResult(problem);
                }

                (started, body) = isOurs ? (1, body.AfterFirst()) : (0, body);
                continue;
            }

            if (run.RequestBytes + body.Bytes > MostBytes)
            {
                return new AppendResult(Problems.TooMuchForTheRun());
            }

            var events = Number(run, body.Events.Skip(stored!.Value));
            try
            {
                if (events.Count == 0 || await store.TryAppend(run, events, cancellationToken))
                {
                    return Appended(run, events, started);
                }
            }
            catch (StoreUnavailableException failure) when (started > 0 || !failure.NothingWritten) // the start may have been stored with the first event
            {
                return new AppendResult(Problems.AppendUnknown(runId));
            }

            await Backoff(attempt, cancellationToken);
        }
    }

    private static ProblemHttpResult? Refusal(Run run) => run switch
    {
        { Status: RunStatuses.Waiting } => Problems.AppendWhileWaiting(),
        _ => RunStatuses.IsTerminal(run.Status) ? Problems.AppendAfterEnd() : null,
    };

    // A log begins with the executor's own word where it has one.
    private async Task<(ProblemHttpResult? Problem, bool IsOurs)> Start(
        Caller caller, string runId, SentEvent first, CancellationToken cancellationToken)
    {
        var own = first.Type == RunEventTypes.RunStarted;
        var result = await lifecycle.Send(
            new StartRun { Tenant = caller.Tenant, RunId = runId, Actor = caller.Actor, TraceId = caller.TraceId, Event = own ? first.Event : null },
            caller.Tenant, runId, cancellationToken);
        return (result.Problem, own && result.Run is { Changed: true });
    }

    private List<RunEvent> Number(Run run, IEnumerable<SentEvent> sent)
    {
        var now = UtcMilliseconds.Truncate(clock.GetUtcNow());
        now = run.LatestEventAt > now ? run.LatestEventAt.Value : now;
        var (id, sequence) = (run.LatestEventId, run.LatestExternalEventSequence);
        return
        [
            .. sent.Select(item =>
            {
                var isPublic = RunEventTypes.IsPublic(item.Type);
                // A run starts once, and its log shows so.
                return new RunEvent(++id, item.Type, isPublic && item.Type != RunEventTypes.RunStarted, isPublic ? ++sequence : null, now, item.Event);
            }),
        ];
    }

    private AppendResult Appended(Run run, List<RunEvent> events, int started)
    {
        if (events.Count > 0)
        {
            run.LatestEventId = events[^1].EventId;
            run.LatestExternalEventSequence = events.FindLast(logged => logged.ExternalSequence is not null)?.ExternalSequence ?? run.LatestExternalEventSequence;
            followers.Tell(run);
        }

        return new AppendResult(run, events.Count + started);
    }

    private Task Backoff(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4 << Math.Min(attempt, 4))), clock, cancellationToken);
}

/// <summary>What came of an append: the run's cursors after it, or the problem to answer with.</summary>
internal readonly record struct AppendResult(Run? Run, int Count, ProblemHttpResult? Problem)
{
    public AppendResult(Run run, int count)
        : this(run, count, null)
    {
    }

    public AppendResult(ProblemHttpResult problem)
        : this(null, 0, problem)
    {
    }
}
