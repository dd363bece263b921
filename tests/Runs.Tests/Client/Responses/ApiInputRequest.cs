namespace Runs.Tests.Client;

/// <summary>A request for input as the API returns it.</summary>
public sealed record ApiInputRequest(
    string Id,
    string? ConversationId,
    string RunId,
    string ToolCallId,
    string Kind,
    string Status,
    string? SubmittedAt,
    string? CancelledAt,
    string? ExpiredAt,
    ApiInputResponse? LatestResponse);
