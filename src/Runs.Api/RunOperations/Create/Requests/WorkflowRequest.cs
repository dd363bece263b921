using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>A workflow to run.</summary>
public sealed record WorkflowRequest : ExecutionRequest
{
    /// <summary>The workflow. No control characters.</summary>
    [StringLength(FieldLimits.MaxTargetIdLength, MinimumLength = 1)]
    public required string WorkflowId { get; init; }

    /// <summary><c>workflow:</c> and the <c>workflow_id</c>.</summary>
    [Target(RunKinds.Workflow)]
    public required string Target { get; init; }

    /// <summary>The input that is passed to the workflow.</summary>
    [JsonObject]
    public RawJson? Input { get; init; }

    /// <summary>How the run was started, free text.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? StartMode { get; init; }
}
