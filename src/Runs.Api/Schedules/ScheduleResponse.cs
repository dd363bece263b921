namespace Runs.Api.Schedules;

/// <summary>The created schedule.</summary>
/// <param name="Schedule">The schedule.</param>
public sealed record ScheduleResponse(ScheduleResource Schedule);
