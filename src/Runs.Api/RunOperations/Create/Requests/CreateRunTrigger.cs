using System.ComponentModel.DataAnnotations;

namespace Runs.Api.RunOperations;

/// <summary>The message and the tool call that spawned a run.</summary>
public sealed record CreateRunTrigger : RequestSchema
{
    /// <summary>The caller's conversation.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>The caller's message.</summary>
    [Uuid]
    public string? MessageId { get; init; }

    /// <summary>The tool call. No control characters.</summary>
    [StringLength(FieldLimits.MaxIdLength, MinimumLength = 1)]
    public string? ToolCallId { get; init; }
}
