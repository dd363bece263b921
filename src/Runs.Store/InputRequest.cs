using Runs.Contracts;

namespace Runs.Store;

/// <summary>A form that somebody was asked to fill in, and what came of it. It changes with its run, in one write.</summary>
public sealed record InputRequest
{
    /// <summary>Follows from the run and the tool call, so that asking again finds the same one.</summary>
    public Guid Id { get; set; }

    /// <summary>The tool call that asks.</summary>
    public string ToolCallId { get; set; } = null!;

    /// <summary><see cref="InputRequestStatuses"/>.</summary>
    public string Status { get; set; } = null!;

    /// <summary><see cref="ResponderTypes"/>.</summary>
    public string RequestedResponderType { get; set; } = null!;

    /// <summary>For whoever is asked.</summary>
    public string Title { get; set; } = null!;

    /// <summary>For whoever is asked.</summary>
    public string? Description { get; set; }

    /// <summary>A JSON array, as it was sent.</summary>
    public RawJson Fields { get; set; }

    /// <summary>A JSON object, as it was sent.</summary>
    public RawJson? Metadata { get; set; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it is given up, and its run with it.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When it was submitted, called off or given up.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Who submitted it, or called it off; null for a tool's result and for what nobody did.</summary>
    public string? ActorType { get; set; }

    /// <summary>Their id, where it is known.</summary>
    public string? ActorId { get; set; }

    /// <summary>What was submitted: a JSON object, as it was sent.</summary>
    public RawJson? Values { get; set; }
}

/// <summary>Where an input request is in its life: the members of its <c>status</c>.</summary>
public static class InputRequestStatuses
{
    /// <summary>Its run waits for it.</summary>
    public const string Open = "open";

    /// <summary>It was answered.</summary>
    public const string Submitted = "submitted";

    /// <summary>It was called off, or its run ended otherwise.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>No answer came in time.</summary>
    public const string Expired = "expired";

    /// <summary>Every status.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, Submitted, Cancelled, Expired];
}
