namespace Runs.Api;

/// <summary>The words about runs and their lists.</summary>
internal static class OpenApiRunOperations
{
    public static IReadOnlyDictionary<string, OpenApiOperationWords> All { get; } = new Dictionary<string, OpenApiOperationWords>
    {
        ["createRun"] = new(
            "Create a run",
            """
            Accepts a run and answers once it is stored. Repeating the call with the same `public_id` is safe: it creates nothing, says `duplicate`, and
            answers with the run that is there, even if the request differs, unless strict handling is preferred. The one exception is an agent run that
            was created `pending` without input: a second create gives it its input and starts it.
            """,
            "The run is stored.", OpenApiExamples.Created, [400, 404, 409, 413, 415, 503, 504])
        {
            Body = typeof(CreateRunRequest),
            Bodies = OpenApiExamples.Creates,
        },
        ["getRun"] = new(
            "Read a run",
            """
            A run can be read as soon as its create was answered.

            With `wait` the answer is held back until the run has ended or, with `If-None-Match`, until it is another one than the caller knows; but not longer than
            that many seconds, and then the run is answered as it is. A run that has ended is answered at once. Events that are appended to the log do not make
            another run of it. Holding back costs two more reads and takes one of the places that streams and long polls share; when there is none left, the answer is 503, or 429
            when the caller's tenant has its share of them taken.
            """,
            "The run.", OpenApiExamples.Run, [400, 404, 503]),
        ["listChildren"] = new("List a run's children", "The runs created with this run as their parent, newest first.", "One page.",
            OpenApiExamples.EmptyPage, [400, 404, 503]),
        ["cancelRun"] = new(
            "Cancel a run", "Calls the run off, and its descendants after it. Safe to repeat. A body is not looked at.",
            "The run has ended, by this call or before.", OpenApiExamples.Cancelled, [404, 503, 504]),
        ["completeRun"] = new(
            "End a run",
            "Tells the outcome of a run, whoever executed it. The first outcome stands; asking again for the same one is answered alike, any other changes nothing.",
            "The run has ended, as asked or otherwise before.", OpenApiExamples.Completed, [400, 404, 413, 415, 503, 504])
        {
            Body = typeof(CompleteRunRequest),
            Bodies = OpenApiExamples.Completes,
        },
        ["listProjectRuns"] = new("List a project's runs", "The runs that belong to the project, newest first.", "One page.",
            OpenApiExamples.Page(OpenApiExamples.Run), [400, 404, 503]),
        ["listConversationRuns"] = new("List a conversation's runs", "The agent runs that live in the conversation, newest first.", "One page.",
            OpenApiExamples.Page(OpenApiExamples.ConversationRun), [400, 404, 503]),
        ["listSpawnedRuns"] = new(
            "List the runs that a conversation spawned",
            """
            The agent runs whose create named this conversation in its `trigger`, newest first, wherever they live. Those without a conversation of their own have a
            null there, and no message.
            """,
            "One page.", OpenApiExamples.Page(OpenApiExamples.ConversationRun), [400, 404, 503]),
        ["getConversationRun"] = new("Read a conversation's run", "The run as its conversation shows it, as soon as its create was answered.", "The run.",
            OpenApiExamples.ConversationRun, [404, 503]),
        ["listConversationRunChildren"] = new(
            "List the children of a conversation's run",
            """
            The agent runs created with this run as their parent, newest first, wherever they live. Those without a conversation of their own have a null there, and no
            message. Children of other kinds are in `GET /runs/{run_id}/children`.
            """,
            "One page.", OpenApiExamples.Page(OpenApiExamples.ConversationRun), [400, 404, 503]),
    };
}
