namespace Runs.Contracts;

/// <summary>The kind of work that a run executes: the values of <c>kind</c>.</summary>
public static class RunKinds
{
    /// <summary>A turn of an agent. The only kind that may belong to a conversation.</summary>
    public const string Agent = "agent";

    /// <summary>A task, identified by the target <c>task:&lt;id&gt;</c>.</summary>
    public const string Task = "task";

    /// <summary>A workflow, identified by <c>workflow_id</c> and the target <c>workflow:&lt;id&gt;</c>.</summary>
    public const string Workflow = "workflow";

    /// <summary>An evaluation, identified by the target <c>eval:&lt;id&gt;</c>.</summary>
    public const string Eval = "eval";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> All { get; } = [Agent, Task, Workflow, Eval];
}
