namespace Runs.Api.OpenApi;

/// <summary>The descriptions of the operations on runs and their lists.</summary>
internal static class RunOperationDescriptions
{
    public static IReadOnlyDictionary<string, OperationDescription> All { get; } = new Dictionary<string, OperationDescription>
    {
        ["createRun"] = new(
            "Create a run",
            """
            Accepts a run and responds after it is durably stored. A repeat with the same `public_id` is safe: it creates nothing, sets
            `duplicate`, and returns the existing run, even if the request differs, unless strict handling is preferred. The one exception
            is an agent run that was created `pending` without input: a second create provides its input and starts it.
            """,
            "The run is stored.", RunExamples.CreateResponse, [400, 404, 409, 413, 415, 503, 504])
        {
            BodyType = typeof(CreateRunRequest),
            BodyExamples = RunExamples.CreateRequests,
        },
        ["getRun"] = new(
            "Read a run",
            """
            A run can be read as soon as its create has returned.

            With `wait`, the request is a long poll: the response is delayed until the run has ended or, with `If-None-Match`, until the
            run's version differs from the given one. After that many seconds at most, the current run is returned. A run that has ended is
            returned immediately. Appended events do not change the run's version. A long poll costs two more reads and counts against the
            limit of streams and long polls. At the limit of the process, the response is 503; at the limit of the caller's tenant, 429.
            """,
            "The run.", RunExamples.Run, [400, 404, 503]),
        ["listChildren"] = new("List a run's children", "The runs created with this run as their parent, newest first.", "One page.",
            RunExamples.EmptyPage, [400, 404, 503]),
        ["cancelRun"] = new(
            "Cancel a run", "Cancels the run, and then its descendants. Safe to repeat. A body is ignored.",
            "The run has ended, by this call or earlier.", RunExamples.CancelResponse, [404, 503, 504]),
        ["completeRun"] = new(
            "Complete a run",
            "Reports the outcome of a run. The first outcome is final. A repeat with the same outcome gets the same response; another "
            + "outcome changes nothing.",
            "The run has ended, with this outcome or with an earlier one.", RunExamples.CompleteResponse, [400, 404, 413, 415, 503, 504])
        {
            BodyType = typeof(CompleteRunRequest),
            BodyExamples = RunExamples.CompleteRequests,
        },
        ["listProjectRuns"] = new("List a project's runs", "The runs that belong to the project, newest first.", "One page.",
            RunExamples.CreatePage(RunExamples.Run), [400, 404, 503]),
        ["listConversationRuns"] = new("List a conversation's runs", "The agent runs that belong to the conversation, newest first.", "One page.",
            RunExamples.CreatePage(RunExamples.ConversationRun), [400, 404, 503]),
        ["listSpawnedRuns"] = new(
            "List the runs that a conversation spawned",
            """
            The agent runs whose create named this conversation in its `trigger`, newest first, whichever conversation they belong to. In
            runs without a conversation, `conversation_id` and `message_id` are null.
            """,
            "One page.", RunExamples.CreatePage(RunExamples.ConversationRun), [400, 404, 503]),
        ["getConversationRun"] = new("Read a conversation's run", "The run as its conversation shows it. Available as soon as its create has returned.", "The run.",
            RunExamples.ConversationRun, [404, 503]),
        ["listConversationRunChildren"] = new(
            "List the children of a conversation's run",
            """
            The agent runs created with this run as their parent, newest first, whichever conversation they belong to. In runs without a
            conversation, `conversation_id` and `message_id` are null. For children of other kinds, use `GET /runs/{run_id}/children`.
            """,
            "One page.", RunExamples.CreatePage(RunExamples.ConversationRun), [400, 404, 503]),
    };
}
