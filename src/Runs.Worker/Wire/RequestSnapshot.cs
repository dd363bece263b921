using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Worker;

/// <summary>The request of an agent.</summary>
internal sealed record RequestSnapshot
{
    public JsonElement Messages { get; init; }

    public JsonElement Tools { get; init; }

    public JsonElement Context { get; init; }

    [JsonPropertyName("forwardedProps")]
    public JsonElement ForwardedProps { get; init; }

    [JsonPropertyName("traceContext")]
    public TraceContext? TraceContext { get; init; }
}
