using System.ComponentModel.DataAnnotations;

namespace Runs.Api.InputRequests;

/// <summary>A form for a responder to fill in. Unknown members are ignored.</summary>
public sealed record CreateInputRequest : InputRequestForm
{
    /// <summary>
    /// The run that requests the input, and waits. It belongs to the conversation. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string RunId { get; init; }

    /// <summary>
    /// The tool call that requests the input: the idempotency key of this call, within the run. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string ToolCallId { get; init; }

    /// <summary>
    /// The number of the attempt that requests the input. A request of an attempt that is over is rejected.
    /// </summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }

    /// <summary>
    /// Whether the worker gives the run back while it waits. The next attempt goes on with the response. Requires
    /// <c>attempt</c>.
    /// </summary>
    public bool Release { get; init; }
}
