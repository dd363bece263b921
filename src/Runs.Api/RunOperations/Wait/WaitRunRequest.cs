using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>What a run waits for. Unknown members are ignored.</summary>
public sealed record WaitRunRequest : RequestSchema
{
    /// <summary>
    /// What the run waits for. For a form, use <c>POST /conversations/{conversation_id}/input-requests</c>.
    /// </summary>
    [OneOf(typeof(WaitingReasons))]
    public required string Reason { get; init; }

    /// <summary>
    /// The tool call whose result is awaited; required with reason <c>tool</c>. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. No control characters.</summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? ToolName { get; init; }

    /// <summary>
    /// When the wait expires and the run fails with <c>WAIT_EXPIRED</c>. Without it, the run waits indefinitely.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
