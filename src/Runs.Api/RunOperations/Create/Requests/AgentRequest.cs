using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The work requested from an agent. Less than 2,000,000 bytes as canonical JSON.</summary>
public sealed record AgentRequest : ExecutionRequest
{
    /// <summary>The agent. No control characters.</summary>
    [StringLength(FieldLimits.MaxTargetIdLength, MinimumLength = 1)]
    public required string AgentId { get; init; }

    /// <summary><c>agent</c> when absent. <c>default_chat</c> is its former name.</summary>
    [OneOf(RunRequestParser.AgentMode, RunRequestParser.FormerAgentMode)]
    public string? Mode { get; init; }

    /// <summary><c>pending</c> when absent. <c>running</c> for a run that its creator executes.</summary>
    [OneOf(RunStatuses.Pending, RunStatuses.Running)]
    public string? InitialStatus { get; init; }

    /// <summary>The worker implementation that may execute the run.</summary>
    [StringLength(FieldLimits.MaxImplementationKindLength, MinimumLength = 1)]
    [RegularExpression(FieldLimits.ImplementationKindPattern)]
    public string? ImplementationKind { get; init; }

    /// <summary>The one worker that may execute the run.</summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    [RegularExpression(FieldLimits.WorkerKeyPattern)]
    public string? WorkerKey { get; init; }

    /// <summary>Where the agent's source comes from.</summary>
    [OneOf(typeof(TargetKinds), nameof(TargetKinds.Source))]
    public string? SourceTargetKind { get; init; }

    /// <summary>Required with <c>environment</c>, and not allowed otherwise.</summary>
    [Uuid]
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>Required with <c>preview_branch</c>, and not allowed otherwise.</summary>
    [Uuid]
    public string? SourceTargetBranchId { get; init; }

    /// <summary>Only with <c>release</c>.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>
    /// The agent's input. A pending run may be created without it and receive it by a second create with the same id.
    /// </summary>
    [JsonObject]
    public RawJson? Input { get; init; }
}
