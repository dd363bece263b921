namespace Runs.Api.Auditing;

/// <summary>A request to a route of the API.</summary>
/// <param name="action">The route's name, which is the operation id in the OpenAPI document.</param>
/// <param name="level">The level of the log entry, unless the call is rejected.</param>
internal sealed class AuditedCall(string action, LogLevel level)
{
    public string Action => action;

    public LogLevel Level => level;

    /// <summary>The run that the request is about, as the caller sent it.</summary>
    public string? RunId { get; set; }

    /// <summary>The same; null if it is not a run id.</summary>
    public string? ValidRunId => RunId is { } segment && new RunRoute(segment).TryGetRunId(out var runId) ? runId : null;
}
