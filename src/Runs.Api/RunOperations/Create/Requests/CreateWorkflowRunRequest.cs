using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>Creates a run of a workflow. Its owner is a project.</summary>
public sealed record CreateWorkflowRunRequest : CreateRunRequest
{
    /// <summary>Always <c>workflow</c>.</summary>
    [OneOf(RunKinds.Workflow)]
    public required string Kind { get; init; }

    /// <summary>The workflow to run.</summary>
    public required WorkflowRequest Request { get; init; }
}
