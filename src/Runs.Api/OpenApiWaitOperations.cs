namespace Runs.Api;

/// <summary>The words about waiting: for results, and for forms that somebody fills in.</summary>
internal static class OpenApiWaitOperations
{
    public static IReadOnlyDictionary<string, OpenApiOperationWords> All { get; } = new Dictionary<string, OpenApiOperationWords>
    {
        ["waitRun"] = new(
            "Let a run wait",
            """
            Says that execution is paused until a result, an approval, an event or an input comes. For executors that do not use the broker. A pending run is started
            first. The time that a run waits does not count towards its `timeout_seconds`; when it goes on, it has the whole time again.

            Repeating the call while the run waits for this `reason` and `tool_call_id` changes nothing, `expires_at` neither. A tool call is awaited once: a repeat that
            comes when its result has come changes nothing either. Without a `tool_call_id` the same call is a new wait once the run goes on. A run waits for one thing at a
            time. `POST /runs/{run_id}/resume` ends the wait; an `input` without a tool call ends over the broker only, by `expires_at`, or with the run.
            """,
            "The run waits.", OpenApiWaitExamples.Waiting, [400, 404, 409, 413, 415, 503, 504])
        {
            Body = typeof(WaitRunRequest),
            Bodies = OpenApiWaitExamples.Waits,
        },
        ["resumeRun"] = new(
            "Bring a result to a waiting run",
            """
            Ends the wait for this tool call, or for an approval or event; the run goes on. The same result of a tool call again, as a JSON value, is a `duplicate` and
            harmless, also when the run has ended. Another result for an answered call is refused, and so is whatever nobody waits for. An input request of the tool call
            is closed, and shows no response.
            """,
            "The run has this result, by this call or before.", OpenApiWaitExamples.Resumed, [400, 404, 409, 413, 415, 503, 504])
        {
            Body = typeof(ResumeRunRequest),
            Bodies = OpenApiWaitExamples.Results,
        },
        ["createInputRequest"] = new(
            "Ask for an input",
            """
            Asks a person, an agent or a system to fill in a form. The run waits, with reason `input`, until the request is answered or called off, or fails when it
            expires. A pending run is started first. There is one input request for each tool call of a run: asking again is answered with the first, whatever it asks for
            and whatever became of it. Forms and answers of one run hold some 500 KB at the most.
            """,
            "The request is open.", OpenApiWaitExamples.InputRequest, [400, 404, 409, 413, 415, 503, 504])
        {
            Body = typeof(CreateInputRequest),
            Bodies = OpenApiWaitExamples.InputRequests,
        },
        ["listInputRequests"] = new(
            "List a conversation's input requests",
            "The input requests of the conversation's runs: those of the newest run first, and of each run the newest first.",
            "One page.", OpenApiExamples.Page(OpenApiWaitExamples.InputRequest), [400, 404, 503]),
        ["getInputRequest"] = new(
            "Read an input request", "The form, and what became of it, as soon as its create was answered.", "The request.", OpenApiWaitExamples.Submitted, [404, 503]),
        ["respondToInputRequest"] = new(
            "Answer an input request",
            """
            Gives the values; the run goes on with them. The same values again, as JSON values, are answered alike and change nothing; other ones are refused, and so is
            everything once the request was called off or has expired. The credential that answers is recorded as the actor.
            """,
            "The request has these values, by this call or before.", OpenApiWaitExamples.Submitted, [400, 404, 409, 413, 415, 503, 504])
        {
            Body = typeof(RespondToInputRequest),
            Bodies = OpenApiWaitExamples.Responses,
        },
        ["cancelInputRequest"] = new(
            "Call an input request off",
            "The run goes on without values; its executor is told so as of a tool that failed. Safe to repeat. A body is not looked at.",
            "The request was called off, by this call or before.", OpenApiWaitExamples.CalledOff, [404, 409, 503, 504]),
    };
}
