using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A form for a responder to fill in, with its status and response. Every member is always present.</summary>
public sealed record InputRequestResource
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The conversation of the run.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The run that waits, or waited, for the response.</summary>
    public required string RunId { get; init; }

    /// <summary>The tool call that requests the input.</summary>
    public required string ToolCallId { get; init; }

    /// <summary>Always <c>form</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>open</c>, <c>submitted</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The kind of responder that the request is for.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>The title, for the responder.</summary>
    public required string Title { get; init; }

    /// <summary>The description, for the responder.</summary>
    public string? Description { get; init; }

    /// <summary>The fields, as sent.</summary>
    public required RawJson Fields { get; init; }

    /// <summary>Always null: the service makes no recommendations.</summary>
    public RawJson? Recommendations { get; init; }

    /// <summary>The metadata, as sent.</summary>
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

    /// <summary>When the request was cancelled, or its run ended without a response.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>When the request expired.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>The response, or null.</summary>
    public InputResponseResource? LatestResponse { get; init; }

    internal static InputRequestResource From(Run run, InputRequest request) => new()
    {
        Id = request.Id.ToString(),
        ConversationId = run.ConversationId!,
        RunId = run.RunId,
        ToolCallId = request.ToolCallId,
        Kind = "form",
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

/// <summary>A response to an input request. Every member is always present.</summary>
public sealed record InputResponseResource
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The input request.</summary>
    public required string InputRequestId { get; init; }

    /// <summary>The conversation of the run.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The run that waited.</summary>
    public required string RunId { get; init; }

    /// <summary><c>human</c>, <c>agent</c> or <c>system</c>.</summary>
    public required string ActorType { get; init; }

    /// <summary>The user who responded, if known.</summary>
    public string? ActorId { get; init; }

    /// <summary>The values by field, as sent.</summary>
    public required RawJson Values { get; init; }

    /// <summary>When the response was submitted.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static InputResponseResource From(Run run, InputRequest request, RawJson values) => new()
    {
        Id = RunIds.Derive(request.Id, "response").ToString(),
        InputRequestId = request.Id.ToString(),
        ConversationId = run.ConversationId!,
        RunId = run.RunId,
        ActorType = request.ActorType!,
        ActorId = request.ActorId,
        Values = values,
        CreatedAt = request.ClosedAt!.Value,
    };
}
