using Runs.Contracts;

namespace Runs.Client;

/// <summary>The response to a create.</summary>
public sealed record CreatedRun
{
    /// <summary>The stored run; for a duplicate, the existing one in its current state.</summary>
    public required RunResource Run { get; init; }

    /// <summary>Whether the run already existed, and this call created nothing.</summary>
    public bool Duplicate { get; init; }

    /// <summary>The conversation that the run belongs to, a UUID, or null.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes, a UUID, or null.</summary>
    public string? MessageId { get; init; }
}
