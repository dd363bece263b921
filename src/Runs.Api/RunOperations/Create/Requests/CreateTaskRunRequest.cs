using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>Creates a run of a task. Its owner is a project.</summary>
public sealed record CreateTaskRunRequest : CreateRunRequest
{
    /// <summary>Always <c>task</c>.</summary>
    [OneOf(RunKinds.Task)]
    public required string Kind { get; init; }

    /// <summary>The task to run.</summary>
    public required TaskRequest Request { get; init; }
}
