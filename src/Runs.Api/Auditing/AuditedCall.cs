namespace Runs.Api.Auditing;

/// <summary>A request to a route of the API.</summary>
/// <param name="action">The route's name, which is the operation id in the OpenAPI document.</param>
internal sealed class AuditedCall(string action)
{
    public string Action => action;

    /// <summary>Whether the request appends to a run's log. Executors do so frequently.</summary>
    public bool IsAppend => action is "appendEvents" or "appendConversationEvents";

    /// <summary>The run that the request is about, as the caller sent it.</summary>
    public string? RunId { get; set; }
}
