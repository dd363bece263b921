namespace Runs.Client;

/// <summary>What the runs of a schedule execute.</summary>
public sealed record ScheduleTarget
{
    /// <summary><c>task</c>, <c>workflow</c> or <c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of the task, workflow or agent.</summary>
    public required string Id { get; init; }

    /// <summary><see cref="Contracts.ConversationModes"/>, for agents.</summary>
    public string? ConversationMode { get; init; }

    /// <summary>The conversation, a UUID, with mode <c>existing</c>.</summary>
    public string? ConversationId { get; init; }
}
