namespace Runs.Worker;

/// <summary>The kinds of <see cref="RunResult"/>.</summary>
internal enum RunResultKind
{
    Completed,
    Failed,
    Cancelled,
    Released,
    Rejected,
    WaitTool,
    AskInput,
    WaitEvent,
    WaitApproval,
}
