using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The result of a tool call. Unknown members are ignored.</summary>
public sealed record ResumeRunRequest : RequestSchema
{
    /// <summary><c>tool_result</c>; or <c>approval</c> or <c>event</c>, for runs that wait for one.</summary>
    [OneOf(typeof(ResumeTypes))]
    public required string Type { get; init; }

    /// <summary>
    /// The tool call that the run waits for; required with <c>tool_result</c>, and when the wait named one. No control
    /// characters.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>
    /// Any JSON value, including null, of at most 64 KiB without white space, and 1 MiB with it. Required with
    /// <c>tool_result</c>.
    /// </summary>
    public RawJson? Result { get; init; }

    /// <summary>Whether the tool failed. False when absent.</summary>
    public bool? IsError { get; init; }
}
