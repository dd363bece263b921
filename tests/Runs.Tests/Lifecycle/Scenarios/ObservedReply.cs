namespace Runs.Tests.Lifecycle;

/// <summary>The reply to one sender: an HTTP response, or a message in the form of one.</summary>
/// <param name="RequestId">The id of the message, or an object that identifies the HTTP call.</param>
/// <param name="Response">The response.</param>
internal sealed record ObservedReply(object RequestId, ApiResponse Response)
{
    public bool IsMessage => RequestId is Guid;

    /// <summary>The run, if the reply has one.</summary>
    public ObservedRun? Run =>
        Response.Status < 300 && Response.Body.TryGetProperty("run", out var run) && run.TryGetProperty("root_run_id", out _)
            ? ObservedRun.From(Response with { Body = run })
            : null;

    /// <summary>The status of the run, if the reply has one.</summary>
    public string? Status => Run?.Run.Status;

    /// <summary>
    /// Whether the reply reports that this request changed the run. The response to a complete over HTTP does not.
    /// </summary>
    public bool Changed =>
        Response.Status < 300 && (HasFlag("changed", true) || HasFlag("cancelled", true) || HasFlag("duplicate", false));

    private bool HasFlag(string member, bool value) =>
        Response.Body.TryGetProperty(member, out var flag) && flag.GetBoolean() == value;
}
