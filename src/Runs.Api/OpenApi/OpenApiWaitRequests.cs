using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.OpenApi;

// As in OpenApiRequests.cs: these records only describe bodies; no body is deserialized into them.

/// <summary>What a run waits for. Unknown members are ignored.</summary>
public sealed record WaitRunRequest
{
    /// <summary>
    /// What the run waits for. For a form, use <c>POST /conversations/{conversation_id}/input-requests</c>.
    /// </summary>
    public required string Reason { get; init; }

    /// <summary>
    /// The tool call whose result is awaited; required with reason <c>tool</c>. No control characters.
    /// </summary>
    [StringLength(255, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>The tool's name. No control characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? ToolName { get; init; }

    /// <summary>
    /// When the wait expires and the run fails with <c>WAIT_EXPIRED</c>. Without it, the run waits indefinitely.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>The result of a tool call. Unknown members are ignored.</summary>
public sealed record ResumeRunRequest
{
    /// <summary><c>tool_result</c>; or <c>approval</c> or <c>event</c>, for runs that wait for one.</summary>
    public required string Type { get; init; }

    /// <summary>
    /// The tool call that the run waits for; required with <c>tool_result</c>, and when the wait named one. No control
    /// characters.
    /// </summary>
    [StringLength(128, MinimumLength = 1)]
    public string? ToolCallId { get; init; }

    /// <summary>
    /// Any JSON value, including null, of at most 64 KiB without white space, and 1 MiB with it. Required with
    /// <c>tool_result</c>.
    /// </summary>
    public RawJson? Result { get; init; }

    /// <summary>Whether the tool failed. False when absent.</summary>
    public bool? IsError { get; init; }
}

/// <summary>A form for a responder to fill in. Unknown members are ignored.</summary>
public sealed record CreateInputRequest
{
    /// <summary>The run that requests the input, and waits. It belongs to the conversation.</summary>
    [StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$")]
    public required string RunId { get; init; }

    /// <summary>
    /// The tool call that requests the input: the idempotency key of this call, within the run. No control characters.
    /// </summary>
    [StringLength(255, MinimumLength = 1)]
    public required string ToolCallId { get; init; }

    /// <summary><c>form</c> when absent.</summary>
    public string? Kind { get; init; }

    /// <summary>The kind of responder that the request is for.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>The title, for the responder. No control characters.</summary>
    [StringLength(1000, MinimumLength = 1)]
    public required string Title { get; init; }

    /// <summary>The description, for the responder.</summary>
    [MaxLength(20_000)]
    public string? Description { get; init; }

    /// <summary>
    /// The fields of the form, of any shape: the service does not validate them. At most 64 KiB without white space,
    /// and 1 MiB with it.
    /// </summary>
    public required RawJson Fields { get; init; }

    /// <summary>
    /// When the request expires, and its run fails with <c>WAIT_EXPIRED</c>. Without it, the run waits indefinitely.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>For the client that shows the form. At most 64 KiB without white space, and 1 MiB with it.</summary>
    public RawJson? Metadata { get; init; }
}

/// <summary>The response to an input request. Unknown members are ignored.</summary>
public sealed record RespondToInputRequest
{
    /// <summary>
    /// The values by field. The service does not validate them against the form. At most 64 KiB without white space,
    /// and 1 MiB with it.
    /// </summary>
    public required RawJson Values { get; init; }
}
