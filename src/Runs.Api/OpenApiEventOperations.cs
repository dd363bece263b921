namespace Runs.Api;

/// <summary>The words about the logs of runs.</summary>
internal static class OpenApiEventOperations
{
    private const string Appending = """
        All of the events, in their order, or none. The first append to a pending run starts it, a step of its own: its own `RUN_STARTED` begins the log, and where there
        is none the service writes one. Only the service ends a log; `POST /runs/{run_id}/complete` makes it do so.

        A repeat is known by its cursor, `expected_previous_event_id` or `expected_previous_external_event_sequence` or both: what stands in the log behind that place
        is not appended again. An exact repeat is answered with an `appended_count` of 0, and one to which events were added appends those alone. When something else
        stands there, the answer is 400 and nothing is changed; a sequence that is more than 1,000 events behind the end is taken for such a case. Without a cursor
        events are appended to whatever is there, and a repeat appends them twice; so it does with the sequence alone when none of the events is public, since it does
        not count those.

        While the run waits, and when it has ended, everything is refused but repeats that can be told.

        Costs two round trips to the store and no message; only the append that starts a run asks over the broker as well. More where writers meet, and where the
        cursor is not the end of the log.
        """;

    private const string Listing = """
        The public events of the log, oldest first. Ids ascend from 1; where there are gaps, events are stored and not shown. The last event of a run that has ended
        is `RUN_FINISHED` or `RUN_ERROR`, and whoever finds it there finds the run ended, and the other way round.

        Go on with `after_event_id`, the id of the last event that you have, or with the page's `next` as `cursor`. Very large events make pages shorter than `limit`;
        there are more as long as `next` is not null. Costs two round trips to the store, or one where the run itself holds the events.
        """;

    private const string Streaming = """
        The public events of the log as server-sent events: those that are there, from the first or after `Last-Event-ID`, then each one once it is appended. `id` is the
        event's id, `event` its type, `data` the event on one line. Ids ascend, with gaps where events are stored and not shown. Lines that begin with a colon are
        comments: one at once, and one whenever there was nothing to tell for 15 seconds, unless another time is configured.

        The stream ends after `RUN_FINISHED` or `RUN_ERROR`, and so it ends at once for a run that has ended, when everything is told. When it breaks off before, because
        of the network or because the process stops, go on with `Last-Event-ID`, at whatever process: no event is missed and none comes twice. A browser's `EventSource`
        does so by itself, but comes back after the last event, too, unless it is closed then. It cannot send a credential, so a page reads the stream with `fetch`.

        A `Last-Event-ID` that is greater than the id of the log's latest event comes from another log, or from before a backup was restored: the stream begins with the
        first event.

        News come at once as a rule, and after a second where a process has missed the notice of another one. A stream takes one of the places that streams and long
        polls share; when there is none left, the answer is 503, or 429 when the caller's tenant has its share of them open. One that reads slowly holds up no other.
        """;

    public static IReadOnlyDictionary<string, OpenApiOperationWords> All { get; } = new Dictionary<string, OpenApiOperationWords>
    {
        ["listEvents"] = new("List a run's events", Listing, "One page.", OpenApiEventExamples.Page, [400, 404, 503]),
        ["listConversationEvents"] = new(
            "List the events of a conversation's run", Listing, "One page.", OpenApiEventExamples.ConversationPage, [400, 404, 503]),
        ["appendEvents"] = new(
            "Append to a run's log", $"For runs of every kind.\n\n{Appending}", "The events are in the log.", OpenApiEventExamples.Appended,
            [400, 404, 413, 415, 503, 504])
        {
            Body = typeof(AppendEventsRequest),
            Bodies = OpenApiEventExamples.Appends,
        },
        ["appendConversationEvents"] = new(
            "Append to the log of a conversation's run", Appending, "The events are in the log.", OpenApiEventExamples.AppendedInConversation,
            [400, 404, 413, 415, 503, 504])
        {
            Body = typeof(AppendEventsRequest),
            Bodies = OpenApiEventExamples.Appends,
        },
        ["streamEvents"] = new("Follow a run's log", Streaming, "The stream.", OpenApiEventExamples.Stream, [404, 503]),
        ["streamConversationEvents"] = new(
            "Follow the log of a conversation's run", Streaming, "The stream.", OpenApiEventExamples.Stream, [404, 503]),
        ["getConversationSnapshot"] = new(
            "Read the log of a conversation's run in short",
            """
            The public events of the log, oldest first, with the pieces of each text, reasoning and tool call's arguments put together: one event, in the place and with
            the id of the first piece, has the `delta` of all. `after_event_id` is where to go on, as `Last-Event-ID` of the stream or `after_event_id` of the list.

            A snapshot that would hold more than some 8 million characters or 20,000 events is cut; what comes after `after_event_id` has the rest. Reads the whole log,
            500 events at a time, so one process makes few of them at a time: more are answered 429 or 503.
            """,
            "The log up to `after_event_id`.", OpenApiEventExamples.Snapshot, [404, 503]),
    };
}
