namespace Runs.Contracts;

/// <summary>The types of the events in a run's log that the service knows by name. Any other type may be appended too; it is stored and not shown.</summary>
public static class RunEventTypes
{
    /// <summary>Execution has begun. Always the first event of a run that ran.</summary>
    public const string RunStarted = "RUN_STARTED";

    /// <summary>The run completed. The last event of its log, written by the service alone.</summary>
    public const string RunFinished = "RUN_FINISHED";

    /// <summary>The run failed or was cancelled. The last event of its log, written by the service alone.</summary>
    public const string RunError = "RUN_ERROR";

    // https://docs.ag-ui.com/concepts/events; what is missing here (steps, marks around reasoning, calls of models) is stored and not shown.
    private static readonly HashSet<string> Public =
    [
        RunStarted, RunFinished, RunError,
        "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
        "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_END",
        "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_CHUNK", "TOOL_CALL_END", "TOOL_CALL_RESULT",
        "STATE_SNAPSHOT", "STATE_DELTA", "MESSAGES_SNAPSHOT", "CUSTOM",
    ];

    /// <summary>Whether events of this type are shown to readers of the log.</summary>
    public static bool IsPublic(string type) => Public.Contains(type);

    /// <summary>Whether this type ends a log. Only the service writes it, together with the run's last status.</summary>
    public static bool IsTerminal(string type) => type is RunFinished or RunError;
}
