using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary>The input of an agent run in the form that workers of agents read.</summary>
public sealed record RequestSnapshotResource
{
    /// <summary>The messages of the input.</summary>
    public required IReadOnlyList<RequestMessageResource> Messages { get; init; }

    /// <summary>The tools of the input; any JSON values.</summary>
    [JsonArray]
    public required RawJson Tools { get; init; }

    /// <summary>The context of the input; any JSON values. When it is an object, that is the only item.</summary>
    [JsonArray]
    public required RawJson Context { get; init; }

    /// <summary>The <c>forwarded_props</c> of the input.</summary>
    [JsonPropertyName("forwardedProps")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonObject]
    public RawJson? ForwardedProps { get; init; }

    /// <summary>The trace that the create belongs to.</summary>
    [JsonPropertyName("traceContext")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TraceContextResource? TraceContext { get; init; }
}
