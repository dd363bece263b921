using Runs.Contracts;

namespace Runs.Client;

/// <summary>The response to an input request.</summary>
public sealed record InputResponse
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }

    /// <summary><see cref="ResponderTypes"/>: who responded.</summary>
    public required string ActorType { get; init; }

    /// <summary>The user who responded, if known.</summary>
    public string? ActorId { get; init; }

    /// <summary>A JSON object: the values by field.</summary>
    public required RawJson Values { get; init; }

    /// <summary>When the response was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
