using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>Creates an agent run.</summary>
public sealed record CreateAgentRunRequest : CreateRunRequest
{
    /// <summary>Always <c>agent</c>.</summary>
    [OneOf(RunKinds.Agent)]
    public required string Kind { get; init; }

    /// <summary>The work requested from the agent.</summary>
    public required AgentRequest Request { get; init; }

    /// <summary>
    /// How the run relates to a conversation. A run owned by a conversation belongs to it, and the mode, if set, is
    /// <c>existing</c>. A run owned by a project has no conversation unless the mode requests a new or an existing one.
    /// </summary>
    [OneOf(typeof(ConversationModes))]
    public string? ConversationMode { get; init; }

    /// <summary>
    /// The conversation to join. Required with mode <c>existing</c> and not allowed otherwise; for a run of a
    /// conversation, the owner's id.
    /// </summary>
    [Uuid]
    public string? ConversationId { get; init; }
}
