namespace Runs.Contracts;

/// <summary>
/// The types of log events that the service knows by name. Events of any other type may be appended too; they are
/// stored and not shown.
/// </summary>
public static class RunEventTypes
{
    /// <summary>Execution has begun. Always the first event of a run that ran.</summary>
    public const string RunStarted = "RUN_STARTED";

    /// <summary>The run completed. The last event of its log, written only by the service.</summary>
    public const string RunFinished = "RUN_FINISHED";

    /// <summary>The run failed or was cancelled. The last event of its log, written only by the service.</summary>
    public const string RunError = "RUN_ERROR";

    /// <summary>
    /// An application-defined event. The service writes one with the name <c>runs.attempt</c> when an attempt ends
    /// and the run does not, and when a further attempt begins.
    /// </summary>
    public const string Custom = "CUSTOM";

    // https://docs.ag-ui.com/concepts/events. Types that are missing here (steps, marks around reasoning, model calls)
    // are stored and not shown.
    private static readonly HashSet<string> PublicTypes =
    [
        RunStarted, RunFinished, RunError,
        "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
        "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_END",
        "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_CHUNK", "TOOL_CALL_END", "TOOL_CALL_RESULT",
        "STATE_SNAPSHOT", "STATE_DELTA", "MESSAGES_SNAPSHOT", Custom,
    ];

    /// <summary>Whether events of this type are shown to readers of the log.</summary>
    public static bool IsPublic(string type) => PublicTypes.Contains(type);

    /// <summary>
    /// Whether this type ends a log. Only the service writes such an event, together with the run's final status.
    /// </summary>
    public static bool IsTerminal(string type) => type is RunFinished or RunError;
}
