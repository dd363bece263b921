using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>The body of a create.</summary>
internal sealed record CreateBody
{
    public required string Kind { get; init; }

    public required Owner Owner { get; init; }

    public required string PublicId { get; init; }

    public string? ParentRunId { get; init; }

    public string? ConversationMode { get; init; }

    public string? ConversationId { get; init; }

    public required CreateRequestBody Request { get; init; }
}
