namespace Runs.Tests.Http;

public sealed class ScheduleLimitTests(ScheduleLimitTests.TwoSchedulesApplication application)
    : IClassFixture<ScheduleLimitTests.TwoSchedulesApplication>
{
    [Fact]
    public async Task The_number_of_schedules_of_a_tenant_is_limited()
    {
        var path = ScheduleClientExtensions.SchedulesPath();
        var first = await application.Client.CreateSchedule();
        await application.Client.CreateSchedule(project: TestRequests.NewUuid());

        var rejected = await application.Client.Post(path, ScheduleClientExtensions.ScheduleBody());

        rejected.AssertProblemCode(409, "SCHEDULE_LIMIT_REACHED");
        using var other = application.CreateClient(RunsApplication.OtherKey);
        Assert.Equal(201, (await other.Post(path, ScheduleClientExtensions.ScheduleBody())).Status);
        await application.Client.Delete($"{path}/{first.Id}");
        await Eventually.Holds(async () =>
            (await application.Client.Post(path, ScheduleClientExtensions.ScheduleBody())).Status == 201);
    }

    public sealed class TwoSchedulesApplication() : EmbeddedApplication(new() { ["Api:MaxSchedulesPerTenant"] = "2" });
}
