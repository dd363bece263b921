using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.InputRequests;

/// <summary>A form for a responder to fill in. Unknown members are ignored.</summary>
public sealed record CreateInputRequest : RequestSchema
{
    /// <summary>
    /// The run that requests the input, and waits. It belongs to the conversation. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string RunId { get; init; }

    /// <summary>
    /// The tool call that requests the input: the idempotency key of this call, within the run. No control characters.
    /// </summary>
    [StringLength(FieldLimits.MaxNameLength, MinimumLength = 1)]
    public required string ToolCallId { get; init; }

    /// <summary><c>form</c> when absent.</summary>
    [OneOf(typeof(InputRequestKinds))]
    public string? Kind { get; init; }

    /// <summary>The kind of responder that the request is for.</summary>
    [OneOf(typeof(ResponderTypes))]
    public required string RequestedResponderType { get; init; }

    /// <summary>The title, for the responder. No control characters.</summary>
    [StringLength(FieldLimits.MaxFormTitleLength, MinimumLength = 1)]
    public required string Title { get; init; }

    /// <summary>The description, for the responder.</summary>
    [MaxLength(FieldLimits.MaxFormDescriptionLength)]
    public string? Description { get; init; }

    /// <summary>
    /// The fields of the form, of any shape: the service does not validate them. At most 64 KiB without white space,
    /// and 1 MiB with it.
    /// </summary>
    [JsonArray(MaxItems = FieldLimits.MaxFormFields)]
    public required RawJson Fields { get; init; }

    /// <summary>
    /// When the request expires, and its run fails with <c>WAIT_EXPIRED</c>. Without it, the run waits indefinitely.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>
    /// The number of the attempt that requests the input. A request of an attempt that is over is rejected.
    /// </summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public int? Attempt { get; init; }

    /// <summary>
    /// Whether the worker gives the run back while it waits. The next attempt goes on with the response. Requires
    /// <c>attempt</c>.
    /// </summary>
    public bool Release { get; init; }

    /// <summary>For the client that shows the form. At most 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }
}
