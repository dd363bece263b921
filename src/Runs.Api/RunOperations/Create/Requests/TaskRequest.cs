using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>A task to run.</summary>
public sealed record TaskRequest : ExecutionRequest
{
    /// <summary>The task, as <c>task:</c> and its id of 1-256 characters.</summary>
    [Target(RunKinds.Task)]
    public required string Target { get; init; }

    /// <summary>The name for people. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>The batch that the run belongs to.</summary>
    [Uuid]
    public string? BatchId { get; init; }

    /// <summary>The configuration that is passed to the task.</summary>
    [JsonObject]
    public RawJson? Config { get; init; }
}
