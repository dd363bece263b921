using Microsoft.AspNetCore.Routing.Patterns;
using Runs.Api.OpenApi.Metadata;

namespace Runs.Api;

/// <summary>
/// The route table of the HTTP API: the name, scope, limits, inputs and responses of each route. Descriptions come from
/// the XML comments of the handlers.
/// </summary>
public static class RunEndpoints
{
    private static readonly AuditLevel AppendAuditLevel = new(LogLevel.Debug); // executors append frequently

    /// <summary>Maps every route.</summary>
    public static void MapRuns(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("").ProducesProblems(
            ProblemResponses.Unauthorized,
            ProblemResponses.Forbidden,
            ProblemResponses.NotFound,
            ProblemResponses.TooManyRequests,
            ProblemResponses.ServiceUnavailable);
        ((IEndpointConventionBuilder)api).Finally(RemoveTrailingSlash);
        MapRunOperations(api.MapGroup("/runs").WithTags("Runs"));
        MapProjectRuns(api.MapGroup("/projects/{project_reference}/runs").WithTags("Runs"));
        api.MapGroup("/projects/{project_reference}/schedules").WithTags("Schedules").MapSchedules();
        MapConversationRuns(api.MapGroup("/conversations/{conversation_id}/runs").WithTags("Conversation runs"));
        api.MapGroup("/runs/{run_id}/input-requests").WithTags("Input requests").MapInputRequests();
        api.MapGroup("/conversations/{conversation_id}/input-requests").WithTags("Input requests").MapConversationInputRequests();
        api.MapGroup("/agent-workers").WithTags("Workers").MapWorkers();
        app.MapJwks();
    }

    // The route of a group's own path is "/runs/", which traces and metrics show.
    private static void RemoveTrailingSlash(EndpointBuilder endpoint)
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } path } route && path.EndsWith('/'))
        {
            route.RoutePattern = RoutePatternFactory.Parse(path.TrimEnd('/'));
        }
    }

    private static void MapRunOperations(RouteGroupBuilder runs)
    {
        runs.MapPost("", CreateRunEndpoint.Handle)
            .WithName("createRun")
            .RequireScope(Scopes.Write)
            .WithMetadata(RatePolicy.Creates)
            .LimitResponseMemory()
            .ReadsParameters(CreateRunEndpoint.Prefer)
            .ReadsBody<CreateRunRequest>()
            .WritesHeader(
                StatusCodes.Status202Accepted,
                "Server-Timing",
                "The durations `queue` (outside the saga), `saga`, `store` and `total`, in milliseconds.")
            .WritesHeader(StatusCodes.Status202Accepted, "Location", "The URL of the run.")
            .ProducesProblems(ProblemResponses.Conflict, ProblemResponses.GatewayTimeout);
        runs.MapGet("{run_id}", GetRunEndpoint.Handle)
            .WithName("getRun")
            .RequireScope(Scopes.Read)
            .AllowWorkers(WorkerRunAccess.Held)
            .ReadsParameters(GetRunEndpoint.Wait, GetRunEndpoint.Prefer, GetRunEndpoint.IfNoneMatch)
            .Produces(StatusCodes.Status304NotModified)
            .WritesHeader(
                StatusCodes.Status200OK,
                "ETag",
                "The run's version, for `If-None-Match`. It changes whenever the run changes. Appended events do not change it.")
            .WritesHeader(StatusCodes.Status304NotModified, "ETag", "The run's version.");
        runs.MapGet("{run_id}/children", ListRunsEndpoint.ListChildren)
            .WithName("listChildren")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                PageRequest.CursorParameter, PageRequest.LimitParameter, PageRequest.KindParameter, PageRequest.StatusParameter);
        runs.MapGet("{run_id}/attempts", ListAttemptsEndpoint.Handle)
            .WithName("listAttempts")
            .RequireScope(Scopes.Read)
            .LimitReads();
        runs.MapPost("{run_id}/cancel", CancelRunEndpoint.Handle)
            .WithName("cancelRun")
            .RequireScope(Scopes.Write)
            .RestrictToProjects()
            .LimitResponseMemory()
            .ProducesProblems(ProblemResponses.GatewayTimeout);
        runs.MapPost("{run_id}/complete", CompleteRunEndpoint.Handle)
            .WithName("completeRun")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .RestrictToProjects()
            .LimitResponseMemory()
            .ReadsBody<CompleteRunRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected, ProblemResponses.GatewayTimeout);
        runs.MapPost("{run_id}/wait", WaitRunEndpoint.Handle)
            .WithName("waitRun")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .RestrictToProjects()
            .LimitResponseMemory()
            .ReadsBody<WaitRunRequest>()
            .ProducesProblems(ProblemResponses.WaitRejected, ProblemResponses.GatewayTimeout);
        runs.MapPost("{run_id}/resume", ResumeRunEndpoint.Handle)
            .WithName("resumeRun")
            .RequireScope(Scopes.Write)
            .RestrictToProjects()
            .ReadsBody<ResumeRunRequest>()
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
        runs.MapGet("{run_id}/events", ListEventsEndpoint.Handle)
            .WithName("listEvents")
            .RequireScope(Scopes.Read)
            .AllowWorkers(WorkerRunAccess.Held)
            .LimitReads()
            .ReadsParameters(ListEventsEndpoint.AfterEventId, ListEventsEndpoint.Cursor, ListEventsEndpoint.Limit);
        runs.MapPost("{run_id}/events", AppendEventsEndpoint.Handle)
            .WithName("appendEvents")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .AllowEventWriters()
            .RestrictToProjects()
            .WithMetadata(RatePolicy.Appends, AppendAuditLevel)
            .ReadsBody<AppendEventsRequest>()
            .ProducesProblems(ProblemResponses.AppendRejected, ProblemResponses.AttemptRejected, ProblemResponses.GatewayTimeout);
        runs.MapPost("{run_id}/children/{child_run_id}/event-writer-token", CreateEventWriterTokenEndpoint.Handle)
            .WithName("createEventWriterToken")
            .RequireEventWriter()
            .WithMetadata(RatePolicy.Reads)
            .ProducesProblems(ProblemResponses.AttemptRejected);
        runs.MapGet("{run_id}/stream", StreamEventsEndpoint.Handle)
            .WithName("streamEvents")
            .DisableHttpMetrics()
            .RequireScope(Scopes.Read)
            .ReadsParameters(StreamEventsEndpoint.LastEventId);
    }

    private static void MapProjectRuns(RouteGroupBuilder projectRuns) =>
        projectRuns.MapGet("", ListRunsEndpoint.ListByProject)
            .WithName("listProjectRuns")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                PageRequest.CursorParameter, PageRequest.LimitParameter, PageRequest.KindParameter, PageRequest.StatusParameter);

    private static void MapConversationRuns(RouteGroupBuilder conversationRuns)
    {
        conversationRuns.MapGet("", ListRunsEndpoint.ListByConversation)
            .WithName("listConversationRuns")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                PageRequest.CursorParameter, PageRequest.LimitParameter, PageRequest.KindParameter, PageRequest.StatusParameter);
        conversationRuns.MapGet("children-by-parent-conversation", ListRunsEndpoint.ListSpawnedByConversation)
            .WithName("listSpawnedRuns")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                PageRequest.CursorParameter,
                PageRequest.LimitParameter,
                PageRequest.StatusParameter,
                ListRunsEndpoint.SpawnedFromToolCallId);
        conversationRuns.MapGet("{run_id}", GetRunEndpoint.HandleInConversation)
            .WithName("getConversationRun")
            .RequireScope(Scopes.Read)
            .AllowWorkers(WorkerRunAccess.Held)
            .LimitReads();
        conversationRuns.MapGet("{run_id}/children", ListRunsEndpoint.ListChildrenInConversation)
            .WithName("listConversationRunChildren")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(PageRequest.CursorParameter, PageRequest.LimitParameter, PageRequest.StatusParameter);
        conversationRuns.MapGet("{run_id}/events", ListEventsEndpoint.HandleInConversation)
            .WithName("listConversationEvents")
            .RequireScope(Scopes.Read)
            .AllowWorkers(WorkerRunAccess.Held)
            .LimitReads()
            .ReadsParameters(ListEventsEndpoint.AfterEventId, ListEventsEndpoint.Cursor, ListEventsEndpoint.Limit);
        conversationRuns.MapPost("{run_id}/events", AppendEventsEndpoint.HandleInConversation)
            .WithName("appendConversationEvents")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .AllowEventWriters()
            .RestrictToProjects()
            .WithMetadata(RatePolicy.Appends, AppendAuditLevel)
            .ReadsBody<AppendEventsRequest>()
            .ProducesProblems(ProblemResponses.AppendRejected, ProblemResponses.AttemptRejected, ProblemResponses.GatewayTimeout);
        conversationRuns.MapGet("{run_id}/stream", StreamEventsEndpoint.HandleInConversation)
            .WithName("streamConversationEvents")
            .DisableHttpMetrics()
            .RequireScope(Scopes.Read)
            .ReadsParameters(StreamEventsEndpoint.LastEventId);
        conversationRuns.MapGet("{run_id}/snapshot", LogSnapshotEndpoint.Handle)
            .WithName("getConversationSnapshot")
            .RequireScope(Scopes.Read);
    }
}
