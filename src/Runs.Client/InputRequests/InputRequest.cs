using Runs.Contracts;

namespace Runs.Client;

/// <summary>A form that a run waits for, with its status and response.</summary>
public sealed record InputRequest
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The conversation of the run; null for a run without one.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The run that waits, or waited.</summary>
    public required string RunId { get; init; }

    /// <summary>The tool call that requests the input.</summary>
    public required string ToolCallId { get; init; }

    /// <summary><c>open</c>, <c>submitted</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary><see cref="ResponderTypes"/>.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>The description, or null.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON array: the fields.</summary>
    public required RawJson Fields { get; init; }

    /// <summary>A JSON object, or null.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>When the request was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the request expires, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The response, or null.</summary>
    public InputResponse? LatestResponse { get; init; }
}
