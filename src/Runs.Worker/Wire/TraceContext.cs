using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Runs.Worker;

/// <summary>The trace of the create, in an agent's request.</summary>
internal sealed record TraceContext
{
    [JsonPropertyName("traceId")]
    public string? TraceId { get; init; }

    [JsonPropertyName("spanId")]
    public string? SpanId { get; init; }

    [JsonPropertyName("traceFlags")]
    public int TraceFlags { get; init; }

    /// <summary>Returns the W3C form.</summary>
    public string ToTraceParent() => $"00-{TraceId}-{SpanId}-{(IsRecorded ? "01" : "00")}";

    private bool IsRecorded => ((ActivityTraceFlags)TraceFlags).HasFlag(ActivityTraceFlags.Recorded);
}
