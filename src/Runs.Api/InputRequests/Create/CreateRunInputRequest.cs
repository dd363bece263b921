using System.ComponentModel.DataAnnotations;

namespace Runs.Api.InputRequests;

/// <summary>A form for a responder to fill in. Unknown members are ignored.</summary>
public sealed record CreateRunInputRequest : InputRequestForm
{
    /// <summary>
    /// The run of the path, which may be absent here. Another run is not found. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? RunId { get; init; }

    /// <inheritdoc cref="CreateInputRequest.ToolCallId"/>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string ToolCallId { get; init; }

    /// <inheritdoc cref="CreateInputRequest.Attempt"/>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }

    /// <inheritdoc cref="CreateInputRequest.Release"/>
    public bool Release { get; init; }
}
