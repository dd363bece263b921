using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A form that a responder is requested to fill in, and its outcome. It is part of the run: one write changes both.
/// </summary>
public sealed record InputRequest : StoredRecord
{
    /// <summary>
    /// Derived from the run and the tool call, so that a repeated request finds the same input request.
    /// </summary>
    public Guid Id { get; set; }

    /// <summary>The tool call that requests the input.</summary>
    public string ToolCallId { get; set; } = null!;

    /// <summary>One of <see cref="InputRequestStatuses"/>.</summary>
    public string Status { get; set; } = null!;

    /// <summary>One of <see cref="ResponderTypes"/>.</summary>
    public string RequestedResponderType { get; set; } = null!;

    /// <summary>The title that the responder reads.</summary>
    public string Title { get; set; } = null!;

    /// <summary>The description that the responder reads.</summary>
    public string? Description { get; set; }

    /// <summary>A JSON array, exactly as sent.</summary>
    public RawJson Fields { get; set; }

    /// <summary>A JSON object, exactly as sent.</summary>
    public RawJson? Metadata { get; set; }

    /// <summary>When the input was requested.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the input request expires; its run ends then, too.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When the input request was submitted, was cancelled or expired.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>
    /// The type of the actor who submitted or cancelled it. Null when a tool result closed it, and when no actor did.
    /// </summary>
    public string? ActorType { get; set; }

    /// <summary>The id of the actor, if known.</summary>
    public string? ActorId { get; set; }

    /// <summary>The submitted values: a JSON object, exactly as sent.</summary>
    public RawJson? Values { get; set; }
}
