using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A form for a responder to fill in, with its status and response. Every member is always present.</summary>
public sealed record InputRequestResource
{
    /// <summary>A UUID.</summary>
    [Uuid]
    public required string Id { get; init; }

    /// <summary>The conversation of the run; null for a run without one.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>The run that waits, or waited, for the response.</summary>
    public required string RunId { get; init; }

    /// <summary>The tool call that requests the input.</summary>
    public required string ToolCallId { get; init; }

    /// <summary>Always <c>form</c>.</summary>
    [OneOf(typeof(InputRequestKinds))]
    public required string Kind { get; init; }

    /// <summary>
    /// The request's status. Only an <c>open</c> request can be answered. <c>cancelled</c> also when its run or attempt
    /// ended without a response.
    /// </summary>
    [OneOf(typeof(InputRequestStatuses))]
    public required string Status { get; init; }

    /// <summary>The kind of responder that the request is for.</summary>
    [OneOf(typeof(ResponderTypes))]
    public required string RequestedResponderType { get; init; }

    /// <summary>The title, for the responder.</summary>
    public required string Title { get; init; }

    /// <summary>The description, for the responder.</summary>
    public string? Description { get; init; }

    /// <summary>The fields, as sent.</summary>
    [JsonArray(MaxItems = FieldLimits.MaxFormFields)]
    public required RawJson Fields { get; init; }

    /// <summary>Always null: the service makes no recommendations.</summary>
    [AlwaysNull]
    public RawJson? Recommendations { get; init; }

    /// <summary>The metadata, as sent.</summary>
    [JsonObject]
    public RawJson? Metadata { get; init; }

    /// <summary>When the request was created.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the request expires, and its run fails.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the response was submitted.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When the request was cancelled, or its run or attempt ended without a response.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>When the request expired.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>The response, or null.</summary>
    public InputResponseResource? LatestResponse { get; init; }

    internal static InputRequestResource From(RunInputRequest found) => From(found.Run, found.Request);

    internal static InputRequestResource From(Run run, InputRequest request) => new()
    {
        Id = request.Id.ToString(),
        ConversationId = run.ConversationId,
        RunId = run.RunId,
        ToolCallId = request.ToolCallId,
        Kind = InputRequestKinds.Form,
        Status = request.Status,
        RequestedResponderType = request.RequestedResponderType,
        Title = request.Title,
        Description = request.Description,
        Fields = request.Fields,
        Metadata = request.Metadata,
        CreatedAt = request.CreatedAt,
        ExpiresAt = request.ExpiresAt,
        SubmittedAt = request.Status == InputRequestStatuses.Submitted ? request.ClosedAt : null,
        CancelledAt = request.Status == InputRequestStatuses.Cancelled ? request.ClosedAt : null,
        ExpiredAt = request.Status == InputRequestStatuses.Expired ? request.ClosedAt : null,
        LatestResponse = request.Values is { } values ? InputResponseResource.From(run, request, values) : null,
    };
}
