using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>An evaluation to run.</summary>
public sealed record EvalRequest : ExecutionRequest
{
    /// <summary>The evaluation, as <c>eval:</c> and its id of 1-256 characters.</summary>
    [Target(RunKinds.Eval)]
    public required string Target { get; init; }

    /// <summary>The input that is passed to the evaluation.</summary>
    [JsonObject]
    public RawJson? Input { get; init; }

    /// <summary>The configuration that is passed to the evaluation.</summary>
    [JsonObject]
    public RawJson? Config { get; init; }

    /// <summary>How the run was started, free text.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? StartMode { get; init; }
}
