namespace Runs.Tests.Client;

/// <summary>Calls of the API that create and read schedules.</summary>
public static class ScheduleClientExtensions
{
    public static string SchedulesPath(string project = RunsApplication.Project) => $"/projects/{project}/schedules";

    /// <summary>A task that runs once a year.</summary>
    public static Dictionary<string, object?> ScheduleBody() => new()
    {
        ["name"] = "Yearly index",
        ["target"] = new { kind = "task", id = "rebuild-index" },
        ["schedule"] = "@yearly",
    };

    public static async Task<ApiSchedule> CreateSchedule(
        this HttpClient client, Dictionary<string, object?>? body = null, string project = RunsApplication.Project) =>
        (await client.Post(SchedulesPath(project), body ?? ScheduleBody())).Read<CreatedSchedule>(201).Schedule;

    public static async Task<ApiSchedule> GetSchedule(
        this HttpClient client, string id, string project = RunsApplication.Project) =>
        (await client.Get($"{SchedulesPath(project)}/{id}")).Read<ApiSchedule>();

    private sealed record CreatedSchedule(ApiSchedule Schedule);
}
