using System.ComponentModel.DataAnnotations;

namespace Runs.Api.RunOperations;

/// <summary>
/// The form of an input request, which the wait opens. With reason <c>input</c> only. Unknown members are ignored.
/// </summary>
public sealed record WaitInputRequest : InputRequestForm
{
    /// <summary>
    /// The tool call that requests the input. Required, here or in the wait; the same if in both. No control
    /// characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public string? ToolCallId { get; init; }
}
