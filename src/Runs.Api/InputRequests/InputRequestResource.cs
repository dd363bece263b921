using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A form that somebody was asked to fill in, and what came of it. Every member is always present.</summary>
public sealed record InputRequestResource
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The conversation that the run lives in.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The run that waits, or waited.</summary>
    public required string RunId { get; init; }

    /// <summary>The tool call that asks.</summary>
    public required string ToolCallId { get; init; }

    /// <summary>Always <c>form</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>open</c>, <c>submitted</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Who is asked.</summary>
    public required string RequestedResponderType { get; init; }

    /// <summary>For whoever is asked.</summary>
    public required string Title { get; init; }

    /// <summary>For whoever is asked.</summary>
    public string? Description { get; init; }

    /// <summary>The fields, as they were sent.</summary>
    public required RawJson Fields { get; init; }

    /// <summary>Always null: nothing is recommended here.</summary>
    public RawJson? Recommendations { get; init; }

    /// <summary>As it was sent.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>When it was asked.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is given up, and its run with it.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was answered.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>When it was called off, or its run ended without an answer.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>When it was given up.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>The answer, or null.</summary>
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

/// <summary>An answer to an input request. Every member is always present.</summary>
public sealed record InputResponseResource
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>What it answers.</summary>
    public required string InputRequestId { get; init; }

    /// <summary>The conversation that the run lives in.</summary>
    public required string ConversationId { get; init; }

    /// <summary>The run that waited.</summary>
    public required string RunId { get; init; }

    /// <summary><c>human</c>, <c>agent</c> or <c>system</c>.</summary>
    public required string ActorType { get; init; }

    /// <summary>Who, where it is known.</summary>
    public string? ActorId { get; init; }

    /// <summary>The values by field, as they were sent.</summary>
    public required RawJson Values { get; init; }

    /// <summary>When it was answered.</summary>
    [JsonConverter(typeof(UtcMilliseconds))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static InputResponseResource From(Run run, InputRequest request, RawJson values) => new()
    {
        Id = RunKey.Derive(request.Id, "response").ToString(),
        InputRequestId = request.Id.ToString(),
        ConversationId = run.ConversationId!,
        RunId = run.RunId,
        ActorType = request.ActorType!,
        ActorId = request.ActorId,
        Values = values,
        CreatedAt = request.ClosedAt!.Value,
    };
}
