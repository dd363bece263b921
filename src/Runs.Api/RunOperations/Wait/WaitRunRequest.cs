using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>What a run waits for. Unknown members are ignored.</summary>
public sealed record WaitRunRequest : RequestSchema
{
    /// <summary>What the run waits for.</summary>
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

    /// <summary>
    /// The form to open, with reason <c>input</c>. Same as <c>POST /runs/{run_id}/input-requests</c>.
    /// </summary>
    public WaitInputRequest? InputRequest { get; init; }

    /// <summary>The number of the attempt that waits. A wait of an attempt that is over changes nothing.</summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }

    /// <summary>
    /// Whether the worker gives the run back while it waits, so that waiting costs nothing. The next attempt goes on
    /// with the result. Requires <c>attempt</c>.
    /// </summary>
    public bool Release { get; init; }
}
