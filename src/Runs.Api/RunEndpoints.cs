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
    private static readonly AuditLevel WorkerAuditLevel = new(LogLevel.Debug); // every worker, every few seconds

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
        MapSchedules(api.MapGroup("/projects/{project_reference}/schedules").WithTags("Schedules"));
        MapConversationRuns(api.MapGroup("/conversations/{conversation_id}/runs").WithTags("Conversation runs"));
        MapInputRequests(api.MapGroup("/runs/{run_id}/input-requests").WithTags("Input requests"));
        MapConversationInputRequests(api.MapGroup("/conversations/{conversation_id}/input-requests").WithTags("Input requests"));
        MapWorkers(api.MapGroup("/agent-workers").WithTags("Workers"));
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

    private static void MapSchedules(RouteGroupBuilder schedules)
    {
        schedules.MapPost("", CreateScheduleEndpoint.Handle)
            .WithName("createSchedule")
            .RequireScope(Scopes.Write)
            .WithMetadata(RatePolicy.Creates)
            .ReadsBody<CreateScheduleRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the schedule.")
            .ProducesProblems(ProblemResponses.ScheduleLimitReached);
        schedules.MapGet("", ListSchedulesEndpoint.Handle)
            .WithName("listSchedules")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                PageRequest.CursorParameter,
                PageRequest.LimitParameter,
                ListSchedulesEndpoint.Status,
                ListSchedulesEndpoint.SourceTriggerId);
        schedules.MapPost("preview", PreviewScheduleEndpoint.Handle)
            .WithName("previewSchedule")
            .RequireScope(Scopes.Read)
            .WithMetadata(RatePolicy.Reads)
            .ReadsBody<PreviewScheduleRequest>();
        schedules.MapGet("{schedule_id}", GetScheduleEndpoint.Handle)
            .WithName("getSchedule")
            .RequireScope(Scopes.Read)
            .LimitReads();
        schedules.MapPatch("{schedule_id}", UpdateScheduleEndpoint.Handle)
            .WithName("updateSchedule")
            .RequireScope(Scopes.Write)
            .WithMetadata(RatePolicy.Commands)
            .ReadsBody<UpdateScheduleRequest>()
            .ProducesProblems(ProblemResponses.ScheduleRejected);
        schedules.MapDelete("{schedule_id}", DeleteScheduleEndpoint.Handle)
            .WithName("deleteSchedule")
            .RequireScope(Scopes.Write)
            .WithMetadata(RatePolicy.Commands);
        schedules.MapGet("{schedule_id}/fires", ListFiresEndpoint.Handle)
            .WithName("listFires")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(ListFiresEndpoint.Count);
        schedules.MapPost("{schedule_id}/runs", RunScheduleEndpoint.Handle)
            .WithName("runSchedule")
            .RequireScope(Scopes.Write)
            .WithMetadata(RatePolicy.Creates)
            .ReadsBody<RunScheduleRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the run.")
            .ProducesProblems(ProblemResponses.ScheduleRejected, ProblemResponses.GatewayTimeout);
    }

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

    private static void MapInputRequests(RouteGroupBuilder inputRequests)
    {
        inputRequests.MapPost("", CreateInputRequestEndpoint.Handle)
            .WithName("createRunInputRequest")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .RestrictToProjects()
            .ReadsBody<CreateRunInputRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the input request.")
            .ProducesProblems(ProblemResponses.WaitRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapGet("", ListInputRequestsEndpoint.Handle)
            .WithName("listRunInputRequests")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(ListInputRequestsEndpoint.Cursor, PageRequest.LimitParameter, ListInputRequestsEndpoint.Status);
        inputRequests.MapGet("{input_request_id}", GetInputRequestEndpoint.Handle)
            .WithName("getRunInputRequest")
            .RequireScope(Scopes.Read)
            .LimitReads();
        inputRequests.MapPost("{input_request_id}/responses", RespondToInputRequestEndpoint.Handle)
            .WithName("respondToRunInputRequest")
            .RequireScope(Scopes.Answer)
            .ReadsBody<RespondToInputRequest>()
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapPost("{input_request_id}/cancel", CancelInputRequestEndpoint.Handle)
            .WithName("cancelRunInputRequest")
            .RequireScope(Scopes.Answer)
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
    }

    private static void MapConversationInputRequests(RouteGroupBuilder inputRequests)
    {
        inputRequests.MapPost("", CreateInputRequestEndpoint.HandleInConversation)
            .WithName("createInputRequest")
            .RequireScope(Scopes.Execute)
            .AllowWorkers(WorkerRunAccess.Attempted)
            .ReadsBody<CreateInputRequest>()
            .WritesHeader(StatusCodes.Status201Created, "Location", "The URL of the input request.")
            .ProducesProblems(ProblemResponses.WaitRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapGet("", ListInputRequestsEndpoint.HandleInConversation)
            .WithName("listInputRequests")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(
                ListInputRequestsEndpoint.Cursor,
                PageRequest.LimitParameter,
                ListInputRequestsEndpoint.RunId,
                ListInputRequestsEndpoint.Status);
        inputRequests.MapGet("{input_request_id}", GetInputRequestEndpoint.HandleInConversation)
            .WithName("getInputRequest")
            .RequireScope(Scopes.Read)
            .LimitReads();
        inputRequests.MapPost("{input_request_id}/responses", RespondToInputRequestEndpoint.HandleInConversation)
            .WithName("respondToInputRequest")
            .RequireScope(Scopes.Answer)
            .ReadsBody<RespondToInputRequest>()
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
        inputRequests.MapPost("{input_request_id}/cancel", CancelInputRequestEndpoint.HandleInConversation)
            .WithName("cancelInputRequest")
            .RequireScope(Scopes.Answer)
            .ProducesProblems(ProblemResponses.ResultRejected, ProblemResponses.GatewayTimeout);
    }

    private static void MapWorkers(RouteGroupBuilder workers)
    {
        workers.MapPost("projects/{project_reference}/workers", RegisterWorkerEndpoint.Handle)
            .WithName("registerWorker")
            .RequireScope(Scopes.Execute)
            .ReadsBody<RegisterWorkerRequest>();
        workers.MapGet("projects/{project_reference}/workers", ListWorkersEndpoint.Handle)
            .WithName("listWorkers")
            .RequireScope(Scopes.Read)
            .LimitReads()
            .ReadsParameters(PageRequest.CursorParameter, PageRequest.LimitParameter);
        workers.MapPost("workers/{worker_id}/heartbeat", SendHeartbeatEndpoint.Handle)
            .WithName("sendHeartbeat")
            .RequireWorker()
            .ProducesProblems(
                ProblemResponses.BadRequest,
                ProblemResponses.RequestTimeout,
                ProblemResponses.PayloadTooLarge,
                ProblemResponses.UnsupportedMediaType)
            // Not a command: workers must not lose their runs while creates use up the permits for commands.
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<SendHeartbeatRequest>();
        workers.MapPost("workers/{worker_id}/claim", ClaimRunEndpoint.Handle)
            .WithName("claimRun")
            .RequireWorker()
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<ClaimRunRequest>()
            .ProducesProblems(ProblemResponses.GatewayTimeout);
        workers.MapPost("workers/{worker_id}/runs/{run_id}/lease", RenewLeaseEndpoint.Handle)
            .WithName("renewLease")
            .RequireWorker()
            .WithMetadata(RatePolicy.Reads, WorkerAuditLevel)
            .ReadsBody<RenewLeaseRequest>();
        workers.MapDelete("workers/{worker_id}/runs/{run_id}/lease", ReleaseLeaseEndpoint.Handle)
            .WithName("releaseLease")
            .RequireWorker()
            .LimitResponseMemory()
            .ReadsBody<ReleaseLeaseRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected, ProblemResponses.GatewayTimeout);
        workers.MapPut("workers/{worker_id}/runs/{run_id}/session", SetSessionEndpoint.Handle)
            .WithName("setSession")
            .RequireWorker()
            .WithMetadata(RatePolicy.Appends, WorkerAuditLevel)
            .ReadsBody<SetSessionRequest>()
            .ProducesProblems(ProblemResponses.AttemptRejected);
        workers.MapDelete("workers/{worker_id}", RevokeWorkerEndpoint.Handle)
            .WithName("revokeWorker")
            .RequireScope(Scopes.Execute)
            .LimitReads()
            .WithMetadata(RatePolicy.Commands);
    }
}
