namespace Runs.Api.OpenApi;

/// <summary>
/// The problems that only some operations respond with: rejections of well-formed requests, each with its text.
/// </summary>
internal static class OperationProblemResponses
{
    public static IReadOnlyDictionary<string, (int Status, string Description, (string Name, string Problem)[] Examples)> All { get; } =
        new SortedDictionary<string, (int, string, (string, string)[])>
        {
            ["AppendRejected"] = (
                400,
                """
                Nothing was appended. `detail` is exactly one of the texts shown here when the cursor is not the end of the log
                (`EVENT_CURSOR_MISMATCH`), when the run has ended (`RUN_NOT_ACTIVE`) or is waiting, for any reason (`RUN_WAITING`),
                and when an event is too large (`INVALID_REQUEST`). Or the request is malformed: `INVALID_REQUEST`, with the first
                invalid event, or `INVALID_JSON`.
                """.ReplaceLineEndings(" "),
                [
                    ("the cursor is wrong", """{"code":"EVENT_CURSOR_MISMATCH","detail":"External run event cursor mismatch"}"""),
                    ("the run has ended", """{"code":"RUN_NOT_ACTIVE","detail":"Cannot append external events to a terminal run"}"""),
                    ("the run waits", """{"code":"RUN_WAITING","detail":"Cannot append external events while the run is waiting for a tool result"}"""),
                    ("an event is too large", """
                        {"code":"INVALID_REQUEST","detail":"Agent run event payload must be less than 256 KB","errors":[{"pointer":"","detail":"Agent run event payload must be less than 256 KB"}]}
                        """),
                    ("a model call context is too large", """
                        {"code":"INVALID_REQUEST","detail":"Agent run request snapshot payload must be less than 2 MB","errors":[{"pointer":"","detail":"Agent run request snapshot payload must be less than 2 MB"}]}
                        """),
                    ("the event would end the log", """
                        {"code":"INVALID_REQUEST","detail":"/events/0/type must not end the log: complete the run instead.","errors":[{"pointer":"/events/0/type","detail":"must not end the log: complete the run instead."}]}
                        """),
                ]),
            ["ResultRejected"] = (
                409,
                """
                The run is unchanged: the tool call already has another result (`TOOL_RESULT_CONFLICT`), the run does not wait for
                it (`TOOL_RESULT_NOT_WAITING`), or the run has ended without this result (`RUN_NOT_ACTIVE`).
                """.ReplaceLineEndings(" "),
                [
                    ("another result", """{"code":"TOOL_RESULT_CONFLICT","detail":"This tool call was already answered with another result."}"""),
                    ("not awaited", """{"code":"TOOL_RESULT_NOT_WAITING","detail":"The run does not wait for this tool call."}"""),
                    ("the run has ended", """{"code":"RUN_NOT_ACTIVE","detail":"The run has ended."}"""),
                ]),
            ["WaitRejected"] = (
                409,
                """
                The run is unchanged: it waits for something else (`RUN_NOT_RUNNING`), has ended (`RUN_NOT_ACTIVE`), or has reached
                the limit of input requests of one run (`TOO_MANY_INPUT_REQUESTS`).
                """.ReplaceLineEndings(" "),
                [
                    ("it waits for something else", """{"code":"RUN_NOT_RUNNING","detail":"The run waits for something else."}"""),
                    ("it has ended", """{"code":"RUN_NOT_ACTIVE","detail":"The run has ended."}"""),
                    ("too many input requests", """{"code":"TOO_MANY_INPUT_REQUESTS","detail":"The run has asked for as much input as one run may."}"""),
                ]),
        };
}
