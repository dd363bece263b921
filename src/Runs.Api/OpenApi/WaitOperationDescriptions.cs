namespace Runs.Api.OpenApi;

/// <summary>The descriptions of the operations on waits and input requests.</summary>
internal static class WaitOperationDescriptions
{
    public static IReadOnlyDictionary<string, OperationDescription> All { get; } = new Dictionary<string, OperationDescription>
    {
        ["waitRun"] = new(
            "Make a run wait",
            """
            Pauses execution until a result, an approval, an event or an input arrives. For executors that do not use the broker. A
            pending run is started first. The time that a run waits does not count towards its `timeout_seconds`; when the run resumes,
            the full timeout applies again.

            A repeat of the call while the run waits for this `reason` and `tool_call_id` changes nothing, not even `expires_at`. A tool
            call is awaited once: a repeat that arrives after its result changes nothing either. Without a `tool_call_id`, the same call
            is a new wait once the run has resumed. A run waits for one thing at a time. `POST /runs/{run_id}/resume` ends the wait. An
            `input` without a tool call ends only over the broker, by `expires_at`, or with the run.
            """,
            "The run is waiting.", WaitExamples.WaitResponse, [400, 404, 409, 413, 415, 503, 504])
        {
            BodyType = typeof(WaitRunRequest),
            BodyExamples = WaitExamples.WaitRequests,
        },
        ["resumeRun"] = new(
            "Resume a waiting run",
            """
            Ends the wait for this tool call, or for an approval or event, and resumes the run. A repeat with the same result of a tool
            call, compared as JSON values, is a `duplicate` and changes nothing, even after the run has ended. Another result for an
            answered tool call is rejected, and so is a result that the run does not wait for. An input request of the tool call is
            closed, and shows no response.
            """,
            "The run has this result, from this call or an earlier one.", WaitExamples.ResumeResponse, [400, 404, 409, 413, 415, 503, 504])
        {
            BodyType = typeof(ResumeRunRequest),
            BodyExamples = WaitExamples.ResumeRequests,
        },
        ["createInputRequest"] = new(
            "Create an input request",
            """
            Requests a person, an agent or a system to fill in a form. The run waits, with reason `input`, until the request is answered
            or cancelled. When the request expires, the run fails. A pending run is started first. A tool call of a run has one input
            request: a repeat returns the existing request, even if the form differs, and regardless of its status. The forms and
            responses of one run together have at most about 500 KB.
            """,
            "The request is open.", WaitExamples.InputRequest, [400, 404, 409, 413, 415, 503, 504])
        {
            BodyType = typeof(CreateInputRequest),
            BodyExamples = WaitExamples.InputRequestCreates,
        },
        ["listInputRequests"] = new(
            "List a conversation's input requests",
            "The input requests of the conversation's runs, ordered by run, newest first, and within a run newest first.",
            "One page.", RunExamples.CreatePage(WaitExamples.InputRequest), [400, 404, 503]),
        ["getInputRequest"] = new(
            "Read an input request", "The form, its status and its response. Available as soon as its create has returned.", "The request.",
            WaitExamples.SubmittedInputRequest, [404, 503]),
        ["respondToInputRequest"] = new(
            "Answer an input request",
            """
            Submits the values and resumes the run with them. A repeat with the same values, compared as JSON values, gets the same
            response and changes nothing. Other values are rejected, and so are all values after the request was cancelled or has
            expired. The caller is recorded as the actor.
            """,
            "The request has these values, from this call or an earlier one.", WaitExamples.SubmittedInputRequest, [400, 404, 409, 413, 415, 503, 504])
        {
            BodyType = typeof(RespondToInputRequest),
            BodyExamples = WaitExamples.RespondRequests,
        },
        ["cancelInputRequest"] = new(
            "Cancel an input request",
            "The run resumes without values; its executor receives this as a failed tool call. Safe to repeat. A body is ignored.",
            "The request is cancelled, by this call or an earlier one.", WaitExamples.CancelledInputRequest, [404, 409, 503, 504]),
    };
}
