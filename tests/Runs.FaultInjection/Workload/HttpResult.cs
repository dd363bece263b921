using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Runs.FaultInjection.Workload;

/// <summary>What one call over HTTP came to. A status of 0 is no answer.</summary>
internal readonly record struct HttpResult(int Status, JsonElement Body, double Start, double End, bool HasRetryAfter)
{
    public string? Code => Body is { ValueKind: JsonValueKind.Object } && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>The run in the body, where there is one.</summary>
    public JsonElement? Run => Body is { ValueKind: JsonValueKind.Object } body
        ? body.TryGetProperty("run", out var run) ? run : body.TryGetProperty("run_id", out _) && body.TryGetProperty("created_at", out _) ? body : null
        : null;

    /// <summary>Whether a client asks again: there was no answer, or one that says to.</summary>
    public bool IsTransientFailure => Status is 0 or 502 or 503 or 504;
}
