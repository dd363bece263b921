using Microsoft.AspNetCore.Authorization;

namespace Runs.Api.Authorization;

/// <summary>
/// Endpoint metadata: event writers may call the route with their token, for the run of the token only. A route without
/// it rejects them: they have no scopes.
/// </summary>
internal sealed class EventWriterAccess
{
    public static EventWriterAccess OwnRun { get; } = new();

    /// <summary>
    /// Whether the caller is an event writer, the route accepts event writers, and its path has the run of the token.
    /// Case is significant, as in run ids.
    /// </summary>
    public static bool Allows(AuthorizationHandlerContext context) =>
        EventWriter.From(context.User) is { } writer
        && context.Resource is HttpContext http
        && http.GetEndpoint()?.Metadata.GetMetadata<EventWriterAccess>() is not null
        && http.Request.RouteValues["run_id"] is string runId
        && RunRoute.UnescapeSlashes(runId) == writer.RunId;
}
