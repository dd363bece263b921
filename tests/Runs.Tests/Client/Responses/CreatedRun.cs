namespace Runs.Tests.Client;

/// <summary>The response to a create.</summary>
public sealed record CreatedRun(bool Accepted, bool Duplicate, ApiRun Run, string? ConversationId, string? MessageId);
