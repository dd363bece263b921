using System.ComponentModel.DataAnnotations;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Schedules;

/// <summary>What a schedule runs.</summary>
public sealed record ScheduleTargetRequest : RequestSchema
{
    /// <summary>The kind of the runs.</summary>
    [OneOf(typeof(ScheduleTargetKinds))]
    public required string Kind { get; init; }

    /// <summary>The task, workflow or agent. No control characters.</summary>
    [StringLength(FieldLimits.MaxTargetIdLength, MinimumLength = 1)]
    public required string Id { get; init; }

    /// <summary>How the runs of an agent relate to a conversation. None when absent.</summary>
    [OneOf(typeof(ConversationModes))]
    public string? ConversationMode { get; init; }

    /// <summary>The conversation to join. Required with mode <c>existing</c> and not allowed otherwise.</summary>
    [Uuid]
    public string? ConversationId { get; init; }
}
