using Runs.Api.OpenApi.Metadata;

namespace Runs.Api.Schedules;

/// <summary>The routes of schedules.</summary>
internal static class ScheduleEndpoints
{
    /// <summary>Maps the routes below a project.</summary>
    public static void MapSchedules(this RouteGroupBuilder schedules)
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
}
