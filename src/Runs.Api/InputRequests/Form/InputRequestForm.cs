using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.InputRequests;

/// <summary>The members of a form that every call which opens one has.</summary>
// Describes the bodies only; InputFormParser reads them.
public abstract record InputRequestForm : RequestSchema
{
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

    /// <summary>For the client that shows the form. At most 64 KiB without white space, and 1 MiB with it.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }
}
