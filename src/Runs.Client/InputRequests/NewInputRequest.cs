using Runs.Contracts;

namespace Runs.Client;

/// <summary>A form to open.</summary>
public sealed record NewInputRequest
{
    /// <summary>The run that waits for the response.</summary>
    public required string RunId { get; init; }

    /// <summary>The tool call that requests the input: the idempotency key, within the run.</summary>
    public required string ToolCallId { get; init; }

    /// <summary><see cref="ResponderTypes"/>.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>The title. 1-1000 characters.</summary>
    public required string Title { get; init; }

    /// <summary>The description. At most 20,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>A JSON array of 1-100 values that describe the fields. At most 64 KiB.</summary>
    public required RawJson Fields { get; init; }

    /// <summary>The time at which the request expires, and its run fails; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A JSON object for the client that shows the form. At most 64 KiB.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>The attempt that requests the input.</summary>
    public int? Attempt { get; init; }

    /// <summary>Whether the worker gives the run back while it waits. Requires <see cref="Attempt"/>.</summary>
    public bool Release { get; init; }
}
