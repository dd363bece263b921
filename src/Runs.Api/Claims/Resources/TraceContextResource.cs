using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Runs.Api.Claims;

/// <summary>The trace context of the create.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="TraceFlags">The flags of W3C Trace Context, 0-255.</param>
public sealed record TraceContextResource(
    [property: JsonPropertyName("traceId")] string TraceId,
    [property: JsonPropertyName("spanId")] string SpanId,
    [property: JsonPropertyName("traceFlags")] int TraceFlags)
{
    internal static TraceContextResource? From(string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, out var context)
            ? new TraceContextResource(context.TraceId.ToHexString(), context.SpanId.ToHexString(), (int)context.TraceFlags)
            : null;
}
