namespace Runs.Api.OpenApi;

/// <summary>The descriptions of the operations on run logs.</summary>
internal static class EventOperationDescriptions
{
    private const string AppendDescription = """
        Appends all of the events, in order, or none. The first append to a pending run starts it, in a separate step: the `RUN_STARTED`
        of the append begins the log; without one, the service writes it. Only the service ends a log; use
        `POST /runs/{run_id}/complete`.

        A repeat is detected by its cursor, `expected_previous_event_id` or `expected_previous_external_event_sequence` or both: events
        that the log already has after the cursor are not appended again. An exact repeat returns an `appended_count` of 0. A repeat with
        additional events appends only those. When the log has other events after the cursor, the response is 400 and nothing changes. A
        sequence more than 1,000 events before the end gets the same response. Without a cursor, events are appended at the end of the
        log, and a repeat appends them twice. The same happens with the sequence alone when none of the events is public, because the
        sequence does not count hidden events.

        While the run waits, and after it has ended, everything except detected repeats is rejected.

        Costs two round trips to the store and no message. Only the append that starts a run also sends a command over the broker.
        Concurrent writes, and a cursor that is not the end of the log, cost more.
        """;

    private const string ListDescription = """
        The public events of the log, oldest first. Ids ascend from 1; gaps are hidden events. The last event of a run that has ended is
        `RUN_FINISHED` or `RUN_ERROR`. A client that reads this event also reads the run as ended, and the reverse.

        Continue with `after_event_id`, the id of the last event that you have, or with the page's `next` as `cursor`. Very large events
        make pages shorter than `limit`; there are more pages while `next` is not null. Costs two round trips to the store, or one when
        the events are embedded in the run.
        """;

    private const string StreamDescription = """
        The public events of the log as server-sent events: the existing ones, from the first or after `Last-Event-ID`, then each new
        one as it is appended. `id` is the event's id, `event` its type, `data` the event on one line. Ids ascend; gaps are hidden events.
        Lines that begin with a colon are comments: one at the beginning, and a heartbeat after every 15 seconds without an event, unless
        another interval is configured.

        The stream ends after `RUN_FINISHED` or `RUN_ERROR`. For a run that has ended, it ends after the existing events. If the
        connection is lost before that, because of the network or because the process stops, reconnect with `Last-Event-ID`, to any
        process: no event is missed or sent twice. A browser's `EventSource` reconnects automatically, but also after the last event,
        unless you close it then. It cannot send a credential, so read the stream with `fetch` in a page.

        A `Last-Event-ID` that is greater than the id of the log's latest event comes from another log, or from before a backup was
        restored: the stream begins with the first event.

        Events usually arrive immediately, and after a second when a process has missed the notification of another one. A stream counts
        against the limit of streams and long polls. At the limit of the process, the response is 503; at the limit of the caller's
        tenant, 429. A slow reader delays no other.
        """;

    public static IReadOnlyDictionary<string, OperationDescription> All { get; } = new Dictionary<string, OperationDescription>
    {
        ["listEvents"] = new("List a run's events", ListDescription, "One page.", EventExamples.EventPage, [400, 404, 503]),
        ["listConversationEvents"] = new(
            "List the events of a conversation's run", ListDescription, "One page.", EventExamples.ConversationEventPage, [400, 404, 503]),
        ["appendEvents"] = new(
            "Append to a run's log", $"For runs of every kind.\n\n{AppendDescription}", "The log contains the events.", EventExamples.AppendResponse,
            [400, 404, 413, 415, 503, 504])
        {
            BodyType = typeof(AppendEventsRequest),
            BodyExamples = EventExamples.AppendRequests,
        },
        ["appendConversationEvents"] = new(
            "Append to the log of a conversation's run", AppendDescription, "The log contains the events.", EventExamples.ConversationAppendResponse,
            [400, 404, 413, 415, 503, 504])
        {
            BodyType = typeof(AppendEventsRequest),
            BodyExamples = EventExamples.AppendRequests,
        },
        ["streamEvents"] = new("Stream a run's log", StreamDescription, "The stream.", EventExamples.Stream, [404, 503]),
        ["streamConversationEvents"] = new(
            "Stream the log of a conversation's run", StreamDescription, "The stream.", EventExamples.Stream, [404, 503]),
        ["getConversationSnapshot"] = new(
            "Read a snapshot of the log of a conversation's run",
            """
            The public events of the log, oldest first, with the deltas of each text, reasoning and tool call's arguments merged: one event,
            at the position and with the id of the first delta, has the `delta` of all. To continue, use `after_event_id` as `Last-Event-ID`
            of the stream or as `after_event_id` of the list.

            A snapshot of more than about 8 million characters or 20,000 events is truncated; the events after `after_event_id` are the
            rest. A snapshot reads the whole log, 500 events at a time, so one process builds only a few at a time: more get 429 or 503.
            """,
            "The log up to `after_event_id`.", EventExamples.Snapshot, [404, 503]),
    };
}
