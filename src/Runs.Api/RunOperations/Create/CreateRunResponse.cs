using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The response to a create.</summary>
public sealed record CreateRunResponse : IRunResponse
{
    /// <summary>Always true: a rejection is a problem.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The current run; for a duplicate, the existing one.</summary>
    public required RunResource Run { get; init; }

    /// <summary>True when this call created nothing, because the run already existed.</summary>
    public required bool Duplicate { get; init; }

    /// <summary>The conversation that the run belongs to, a UUID, or null.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes, a UUID, or null.</summary>
    [Uuid]
    public string? MessageId { get; init; }

    internal static CreateRunResponse From(RunSnapshot snapshot) => new()
    {
        Accepted = true,
        Run = snapshot.Run,
        Duplicate = !snapshot.Changed,
        ConversationId = snapshot.ConversationId,
        MessageId = snapshot.MessageId,
    };
}
