using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api;

// As in OpenApiRequests.cs: these describe bodies and never hold one.

/// <summary>What a run waits for. Members that are not listed are ignored.</summary>
public sealed record WaitRunRequest
{
    /// <summary>What kind of thing the run waits for. For a form there is <c>POST /conversations/{conversation_id}/input-requests</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The tool call whose result is awaited; required with reason <c>tool</c>. No control characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. No control characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? ToolName { get; init; }

    /// <summary>When the run is given up and fails with <c>WAIT_EXPIRED</c>. Without it the run waits as long as it takes.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>The result of a tool call. Members that are not listed are ignored.</summary>
public sealed record ResumeRunRequest
{
    /// <summary><c>tool_result</c>; or <c>approval</c> or <c>event</c>, for runs that wait for that.</summary>
    public required string Type { get; init; }

    /// <summary>The tool call that the run waits for; required with <c>tool_result</c>, and where the wait named one. No control characters.</summary>
    [StringLength(128, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>Any JSON value, null too, of at most 64 KiB without white space, and 1 MiB with it. Required with <c>tool_result</c>.</summary>
    public RawJson? Result { get; init; }

    /// <summary>Whether the tool failed; false when absent.</summary>
    public bool? IsError { get; init; }
}

/// <summary>A form that somebody is asked to fill in. Members that are not listed are ignored.</summary>
public sealed record CreateInputRequest
{
    /// <summary>The run that asks, and waits. It lives in the conversation.</summary>
    [StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$")]
    public required string RunId { get; init; }

    /// <summary>The tool call that asks: the idempotency key of this call, within the run. No control characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public required string ToolCallId { get; init; }

    /// <summary><c>form</c> when absent.</summary>
    public string? Kind { get; init; }

    /// <summary>Who is asked.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>For whoever is asked. No control characters.</summary>
    [StringLength(1000, MinimumLength = 1)]
    public required string Title { get; init; }

    /// <summary>For whoever is asked.</summary>
    [MaxLength(20_000)]
    public string? Description { get; init; }

    /// <summary>The fields of the form, of any shape: nothing looks into them here. At most 64 KiB without white space, and 1 MiB with it.</summary>
    public required RawJson Fields { get; init; }

    /// <summary>When the request is given up, and its run fails with <c>WAIT_EXPIRED</c>. Without it the run waits as long as it takes.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>For the client that shows the form. At most 64 KiB without white space, and 1 MiB with it.</summary>
    public RawJson? Metadata { get; init; }
}

/// <summary>The answer to an input request. Members that are not listed are ignored.</summary>
public sealed record RespondToInputRequest
{
    /// <summary>The values by field; nothing compares them with the form here. At most 64 KiB without white space, and 1 MiB with it.</summary>
    public required RawJson Values { get; init; }
}
