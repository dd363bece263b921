using Runs.Contracts;

namespace Runs.Store;

/// <summary>What a schedule runs.</summary>
public sealed record ScheduleTarget : StoredRecord
{
    /// <summary>One of <see cref="ScheduleTargetKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The id of the task, workflow or agent.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="ConversationModes"/>; agents only.</summary>
    public string? ConversationMode { get; init; }

    /// <summary>The UUID of the conversation of the runs, with <see cref="ConversationModes.Existing"/>.</summary>
    public string? ConversationId { get; init; }
}
