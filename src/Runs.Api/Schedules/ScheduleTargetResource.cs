using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>What a schedule runs. The conversation members are present for agents that have them only.</summary>
public sealed record ScheduleTargetResource
{
    /// <summary>The kind of the runs.</summary>
    [OneOf(typeof(ScheduleTargetKinds))]
    public required string Kind { get; init; }

    /// <summary>The task, workflow or agent.</summary>
    public required string Id { get; init; }

    /// <summary>How the runs relate to a conversation.</summary>
    [OneOf(typeof(ConversationModes))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConversationMode { get; init; }

    /// <summary>The conversation that the runs join.</summary>
    [Uuid]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConversationId { get; init; }

    /// <summary>Returns the representation of a stored target.</summary>
    internal static ScheduleTargetResource From(ScheduleTarget target) => new()
    {
        Kind = target.Kind,
        Id = target.Id,
        ConversationMode = target.ConversationMode,
        ConversationId = target.ConversationId,
    };
}
