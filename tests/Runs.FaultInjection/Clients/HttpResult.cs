using System.Text.Json;

namespace Runs.FaultInjection.Clients;

/// <summary>The response to a call over HTTP. Its status is 0 if there was none.</summary>
internal readonly record struct HttpResult(int Status, JsonElement Body, double Start, double End, bool HasRetryAfter)
{
    public string? Code => GetMember("code")?.GetString();

    /// <summary>The run in the body, if there is one.</summary>
    public JsonElement? Run => GetMember("run") ?? (GetMember("run_id") is not null && GetMember("created_at") is not null ? Body : null);

    /// <summary>The status of the run in the body, if there is one.</summary>
    public string? RunStatus => Run?.GetProperty("status").GetString();

    /// <summary>The current or last attempt of the run in the body, if there is one.</summary>
    public int? RunAttempt => Run is { } run && run.TryGetProperty("attempt", out var attempt) ? attempt.GetInt32() : null;

    /// <summary>Whether a create has created the run, so that it is no duplicate.</summary>
    public bool IsCreated => !Body.GetProperty("duplicate").GetBoolean();

    /// <summary>Whether the response says that this call has changed the run; null if it does not say.</summary>
    public bool? Changed => GetMember("duplicate") is { } duplicate
        ? !duplicate.GetBoolean()
        : (GetMember("cancelled") ?? GetMember("completed"))?.GetBoolean();

    /// <summary>Whether a client sends the call again.</summary>
    public bool IsTransientFailure => Status is 0 or 502 or 503 or 504;

    private JsonElement? GetMember(string name) =>
        Body is { ValueKind: JsonValueKind.Object } body
        && body.TryGetProperty(name, out var member)
        && member.ValueKind != JsonValueKind.Null
            ? member
            : null;
}
