using System.Text.Json.Serialization;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.InputRequests;

/// <summary>A response to an input request. Every member is always present.</summary>
public sealed record InputResponseResource
{
    /// <summary>A UUID.</summary>
    [Uuid]
    public required string Id { get; init; }

    /// <summary>The input request.</summary>
    [Uuid]
    public required string InputRequestId { get; init; }

    /// <summary>The conversation of the run; null for a run without one.</summary>
    [Uuid]
    public string? ConversationId { get; init; }

    /// <summary>The run that waited.</summary>
    public required string RunId { get; init; }

    /// <summary>The responder type of the credential that responded.</summary>
    [OneOf(typeof(ResponderTypes))]
    public required string ActorType { get; init; }

    /// <summary>The user who responded, if known.</summary>
    public string? ActorId { get; init; }

    /// <summary>The values by field, as sent.</summary>
    [JsonObject(HasOnlyScalars = true)]
    public required RawJson Values { get; init; }

    /// <summary>When the response was submitted.</summary>
    [JsonConverter(typeof(UtcMillisecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    internal static InputResponseResource From(Run run, InputRequest request, RawJson values) => new()
    {
        Id = RunIds.Derive(request.Id, "response").ToString(),
        InputRequestId = request.Id.ToString(),
        ConversationId = run.ConversationId,
        RunId = run.RunId,
        ActorType = request.ActorType!,
        ActorId = request.ActorId,
        Values = values,
        CreatedAt = request.ClosedAt!.Value,
    };
}
