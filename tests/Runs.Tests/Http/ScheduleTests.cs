using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

public sealed class ScheduleTests(EmbeddedApplication application) : ScheduleTests<EmbeddedApplication>(application);

public abstract class ScheduleTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _project = TestRequests.NewUuid();

    private HttpClient Client => application.Client;

    private string Path => ScheduleClientExtensions.SchedulesPath(_project);

    [Fact]
    public async Task A_created_schedule_has_the_defaults_and_is_read_as_it_was_returned()
    {
        var created = await Client.Post(Path, ScheduleClientExtensions.ScheduleBody());

        var schedule = created["schedule"];
        var path = $"{Path}/{schedule.GetProperty("id").GetString()}";
        Assert.Equal(201, created.Status);
        Assert.EndsWith(path, created.Headers["Location"], StringComparison.Ordinal);
        Assert.Equal(
            ("active", "UTC", 300, 3, "Forbid", "latest", 86_400, 3_600, "manual"),
            (
                Text("status"), Text("timezone"), Number("timeout_seconds"), Number("backoff_limit"), Text("concurrency_policy"),
                Text("catch_up"), Number("catch_up_window_seconds"), Number("start_within_seconds"), Text("definition_source")));
        Assert.EndsWith("-01-01T00:00:00.000Z", Text("next_fire_at"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, schedule.GetProperty("last_scheduled_at").ValueKind);
        Assert.Equal(schedule.GetRawText(), (await Client.Get(path)).Body.GetRawText());

        string? Text(string name) => schedule.GetProperty(name).GetString();
        int Number(string name) => schedule.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Every_member_of_a_definition_is_returned()
    {
        var body = """
            {"name":"n","target":{"kind":"agent","id":"a","conversation_mode":"create_new"},"schedule":"0 9 * * 1-5",
             "timezone":"Europe/Berlin","runtime_target_kind":"preview_branch",
             "runtime_target_branch_id":"0C1D2E3F-1111-4222-8333-444455556666","config":{"a.b":1.0,"$c":null},"timeout_seconds":1,
             "backoff_limit":0,"concurrency_policy":"Replace","catch_up":"all","catch_up_window_seconds":60,"start_within_seconds":5,
             "max_runs":7,"source_trigger_id":"t","source_path":"p","source_hash":"h"}
            """;

        var schedule = (await Client.Post(Path, body))["schedule"];

        foreach (var member in JsonElement.Parse(body).EnumerateObject().Where(member => member.Name != "runtime_target_branch_id"))
        {
            Assert.Equal(member.Value.GetRawText(), schedule.GetProperty(member.Name).GetRawText());
        }

        Assert.Equal("0c1d2e3f-1111-4222-8333-444455556666", schedule.GetProperty("runtime_target_branch_id").GetString());
        Assert.Equal("source", schedule.GetProperty("definition_source").GetString());
    }

    [Theory]
    [InlineData("name", null, "/name")]
    [InlineData("name", "\"\"", "/name")]
    [InlineData("target", null, "/target")]
    [InlineData("target", """{"kind":"eval","id":"e"}""", "/target/kind")]
    [InlineData("target", """{"kind":"task"}""", "/target/id")]
    [InlineData("target", """{"kind":"task","id":"t","conversation_mode":"create_new"}""", "/target/conversation_mode")]
    [InlineData("target", """{"kind":"agent","id":"a","conversation_mode":"existing"}""", "/target/conversation_id")]
    [InlineData("schedule", null, "/schedule")]
    [InlineData("schedule", "\"* * * * * *\"", "/schedule")]
    [InlineData("schedule", "\"H * * * *\"", "/schedule")]
    [InlineData("schedule", "\"0 0 30 2 *\"", "/schedule")]
    [InlineData("schedule", "5", "/schedule")]
    [InlineData("timezone", "\"Mars/Phobos\"", "/timezone")]
    [InlineData("timezone", "\"localtime\"", "/timezone")]
    [InlineData("timeout_seconds", "0", "/timeout_seconds")]
    [InlineData("backoff_limit", "-1", "/backoff_limit")]
    [InlineData("config", "[]", "/config")]
    [InlineData("concurrency_policy", "\"forbid\"", "/concurrency_policy")]
    [InlineData("max_runs", "0", "/max_runs")]
    [InlineData("runtime_target_kind", "\"environment\"", "/runtime_target_environment_id")]
    public async Task An_invalid_definition_is_rejected_with_its_member(string member, string? value, string pointer)
    {
        var body = value is null
            ? ScheduleClientExtensions.ScheduleBody().Without(member)
            : ScheduleClientExtensions.ScheduleBody().With(member, JsonElement.Parse(value));

        (await Client.Post(Path, body)).AssertProblem(400, null, pointer);

        Assert.Empty((await Client.Get(Path))["schedules"].EnumerateArray());
    }

    [Fact]
    public async Task A_config_that_is_too_large_for_a_run_is_rejected()
    {
        var body = ScheduleClientExtensions.ScheduleBody()
            .With("target", new { kind = "agent", id = "a" })
            .With("config", new { text = new string('x', 2_000_000) });

        (await Client.Post(Path, body)).AssertProblem(400, null, "/config");
    }

    [Fact]
    public async Task A_config_may_have_262144_characters()
    {
        const int Overhead = 8; // {"a":""}
        var body = ScheduleClientExtensions.ScheduleBody();
        var length = (256 * 1024) - Overhead;

        Assert.Equal(201, (await Client.Post(Path, body.With("config", new { a = new string('x', length) }))).Status);
        (await Client.Post(Path, body.With("config", new { a = new string('x', length + 1) })))
            .AssertProblem(400, "/config must not have more than 262144 characters.");
    }

    [Fact]
    public async Task Schedules_are_listed_in_pages_and_by_status_and_source()
    {
        var body = ScheduleClientExtensions.ScheduleBody();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await Client.CreateSchedule(body.With("source_trigger_id", $"t{i}"), _project)).Id);
        }

        await Client.Patch($"{Path}/{ids[0]}", new { status = "paused" });
        var first = await Client.Get($"{Path}?limit=2");
        var second = await Client.Get($"{Path}?limit=2&cursor={first["page_info"].GetProperty("next").GetString()}");

        Assert.Equal(Enumerable.Reverse(ids), Ids(first).Concat(Ids(second)));
        Assert.Empty(first["source_schedules"].EnumerateArray());
        Assert.Equal(JsonValueKind.Null, second["page_info"].GetProperty("next").ValueKind);
        Assert.Equal([ids[2]], Ids(await Client.Get($"{Path}?status=active&source_trigger_id=t2")));
        Assert.Empty(Ids(await Client.Get($"{Path}?status=active&source_trigger_id=t0")));
        (await Client.Get($"{Path}?status=gone")).AssertProblem(400, null, "status");

        static IEnumerable<string> Ids(ApiResponse list) =>
            list["schedules"].EnumerateArray().Select(schedule => schedule.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task An_update_changes_the_given_members_only()
    {
        var created = await Client.CreateSchedule(
            ScheduleClientExtensions.ScheduleBody().With("max_runs", 5).With("timezone", "Europe/Berlin"), _project);
        var path = $"{Path}/{created.Id}";

        var renamed = (await Client.Patch(path, new { name = "other" })).Read<ApiSchedule>();
        var unlimited = (await Client.Patch(path, """{"max_runs":null}""")).Read<ApiSchedule>();
        var moved = (await Client.Patch(path, new { schedule = "0 12 * * *", timezone = "UTC" })).Read<ApiSchedule>();

        Assert.Equal(created with { Name = "other", UpdatedAt = renamed.UpdatedAt }, renamed);
        Assert.Equal(renamed with { MaxRuns = null, UpdatedAt = unlimited.UpdatedAt }, unlimited);
        Assert.EndsWith("T12:00:00.000Z", moved.NextFireAt, StringComparison.Ordinal);
        (await Client.Patch(path, new { schedule = "no" })).AssertProblem(400, null, "/schedule");
        (await Client.Patch(path, new { target = new { kind = "agent", id = "a", conversation_mode = "existing" } }))
            .AssertProblem(400, null, "/target/conversation_id");
        (await Client.Patch(path, new { status = "deleting" })).AssertProblem(400, null, "/status");
        (await Client.Patch(path, new { paused_reason = "r" })).AssertProblem(400, null, "/paused_reason");
        Assert.Equal(moved, await Client.GetSchedule(created.Id, _project));
    }

    [Fact]
    public async Task A_paused_schedule_has_no_next_fire_until_it_is_resumed()
    {
        var created = await Client.CreateSchedule(project: _project);
        var path = $"{Path}/{created.Id}";

        var paused = (await Client.Patch(path, new { status = "paused", paused_reason = "holiday" })).Read<ApiSchedule>();
        var again = (await Client.Patch(path, new { status = "paused" })).Read<ApiSchedule>();
        var resumed = (await Client.Patch(path, new { status = "active" })).Read<ApiSchedule>();

        Assert.Equal(("paused", "holiday"), (paused.Status, paused.PausedReason));
        Assert.NotNull(paused.PausedAt);
        Assert.Null(paused.NextFireAt);
        Assert.Equal((paused.PausedAt, paused.PausedReason), (again.PausedAt, again.PausedReason));
        Assert.Equal(created with { UpdatedAt = resumed.UpdatedAt }, resumed);
    }

    [Fact]
    public async Task A_due_schedule_creates_its_run()
    {
        var created = await Client.CreateSchedule(project: _project);
        var fire = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        await MakeDue(created.Id, fire);

        var run = $"sched_{created.Id.Replace("-", "", StringComparison.Ordinal)}_20260101T000000Z";
        await Eventually.Holds(async () => (await Client.GetSchedule(created.Id, _project)).RunCount == 1);
        var stored = (await Client.Get($"/runs/{run}")).Body;
        Assert.Equal(
            ("schedule", created.Id, created.Id, "task:rebuild-index"),
            (
                stored.GetProperty("trigger_kind").GetString(), stored.GetProperty("trigger_id").GetString(),
                stored.GetProperty("schedule_id").GetString(), stored.GetProperty("target").GetString()));
    }

    [Fact]
    public async Task A_run_by_hand_is_created_once_for_each_key()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var body = new { run_name = "by hand", idempotency_key = $"schedule-run:{TestRequests.NewUuid()}" };

        var same = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Client.Post($"{Path}/{schedule.Id}/runs", body)));
        var others = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Client.Post($"{Path}/{schedule.Id}/runs", new { })));

        Assert.All(same.Concat(others), response => Assert.Equal(201, response.Status));
        var run = Assert.Single(same.Select(response => response["run_id"].GetString()).Distinct())!;
        Assert.Single(same.Select(response => response["run_execution_id"].GetString()).Distinct());
        Assert.Equal(RunIds.ForRun("dev", run).ToString(), same[0]["run_execution_id"].GetString());
        Assert.Equal(schedule.Id, same[0]["schedule_id"].GetString());
        Assert.Equal(3, others.Select(response => response["run_id"].GetString()).Append(run).Distinct().Count());
        var stored = (await Client.Get($"/runs/{run}")).Body;
        Assert.Equal(
            ("manual", schedule.Id, "task"),
            (
                stored.GetProperty("trigger_kind").GetString(), stored.GetProperty("schedule_id").GetString(),
                stored.GetProperty("kind").GetString()));
        Assert.Equal("by hand", (await application.Store.Find(RunIds.ForRun("dev", run), default))!.Name);
        Assert.Equal(0, (await Client.GetSchedule(schedule.Id, _project)).RunCount);
    }

    [Fact]
    public async Task A_run_by_hand_whose_id_belongs_to_another_run_is_a_conflict()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var id = ScheduledRuns.GetManualRunId(Guid.Parse(schedule.Id), "key");
        var body = TestRequests.TaskBody(id);
        body["owner"] = new { kind = "project", id = _project };
        await Client.Create(body);

        var response = await Client.Post($"{Path}/{schedule.Id}/runs", new { idempotency_key = "key" });

        response.AssertProblemCode(409, "RUN_ID_TAKEN");
    }

    [Fact]
    public async Task The_outcome_of_a_run_shows_in_its_schedule_without_another_fire()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var run = (await Client.Post($"{Path}/{schedule.Id}/runs", new { }))["run_id"].GetString()!;

        await Client.Post($"/runs/{run}/complete", new { status = "failed", terminal_error_code = "ABORTED" });

        await Eventually.Succeeds(async () =>
        {
            var stored = (await Client.Get($"{Path}/{schedule.Id}")).Body;
            Assert.Equal(run, stored.GetProperty("last_failure_run_id").GetString());
            Assert.Equal("ABORTED", stored.GetProperty("last_failure_code").GetString());
            Assert.Equal("healthy", stored.GetProperty("health").GetString());
        });
    }

    [Fact]
    public async Task A_deleted_schedule_is_gone_when_its_runs_have_ended()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var path = $"{Path}/{schedule.Id}";
        var run = (await Client.Post($"{path}/runs", new { }))["run_id"].GetString()!;

        Assert.Equal("deleting", (await Client.Delete(path)).Read<ApiSchedule>(202).Status);
        (await Client.Post($"{path}/runs", new { })).AssertProblemCode(409, "SCHEDULE_DELETING");
        (await Client.Patch(path, new { name = "n" })).AssertProblemCode(409, "SCHEDULE_DELETING");
        Assert.Equal("deleting", (await Client.Delete(path)).Read<ApiSchedule>(202).Status);
        Assert.Equal("pending", (await Client.GetRun(run)).Status);
        await Client.Cancel(run);
        await MakeDue(schedule.Id, fire: null);

        await Eventually.Holds(async () => (await Client.Get(path)).Status == 404);
        (await Client.Delete(path)).AssertProblemCode(404, "SCHEDULE_NOT_FOUND");
    }

    [Fact]
    public async Task Fires_and_a_preview_show_clock_changes()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var next = await Client.Get($"{Path}/{schedule.Id}/fires?count=2");
        var preview = await Client.Post($"{Path}/preview", new
        {
            schedule = "30 2 * * *",
            timezone = "Europe/Berlin",
            after = "2027-03-27T12:00:00Z",
            count = 2,
        });

        Assert.Equal(schedule.NextFireAt, next["fires"][0].GetProperty("at").GetString());
        Assert.Equal(2, next["fires"].GetArrayLength());
        Assert.Equal(
            """[{"at":"2027-03-28T01:00:00.000Z","local":"2027-03-28T03:00:00+02:00"},"""
            + """{"at":"2027-03-29T00:30:00.000Z","local":"2027-03-29T02:30:00+02:00"}]""",
            preview["fires"].GetRawText());
        Assert.Equal("""["2027-03-28 02:30 does not exist; fires at 03:00."]""", preview["notes"].GetRawText());
        (await Client.Post($"{Path}/preview", new { schedule = "x", timezone = "y", count = 101 }))
            .AssertProblem(400, null, "/schedule", "/timezone", "/count");
        await Client.Patch($"{Path}/{schedule.Id}", new { status = "paused" });
        Assert.Empty((await Client.Get($"{Path}/{schedule.Id}/fires"))["fires"].EnumerateArray());
    }

    [Fact]
    public async Task Schedules_of_other_tenants_and_projects_do_not_exist()
    {
        var schedule = await Client.CreateSchedule(project: _project);
        var path = $"{Path}/{schedule.Id}";
        using var tenant = application.CreateClient(RunsApplication.OtherKey);
        using var project = await application.CreateClientWithKey(project: TestRequests.NewUuid());
        using var own = await application.CreateClientWithKey(project: _project);

        foreach (var stranger in new[] { tenant, project })
        {
            (await stranger.Get(path)).AssertProblem(404);
            (await stranger.Get($"{path}/fires")).AssertProblem(404);
            (await stranger.Patch(path, new { name = "n" })).AssertProblem(404);
            (await stranger.Delete(path)).AssertProblem(404);
            (await stranger.Post($"{path}/runs", new { })).AssertProblem(404);
        }

        Assert.Empty((await tenant.Get(Path))["schedules"].EnumerateArray());
        (await project.Get(Path)).AssertProblemCode(404, "PROJECT_NOT_FOUND");
        (await project.Post(Path, ScheduleClientExtensions.ScheduleBody())).AssertProblemCode(404, "PROJECT_NOT_FOUND");
        (await project.Post($"{Path}/preview", new { schedule = "@daily" })).AssertProblemCode(404, "PROJECT_NOT_FOUND");
        (await Client.Get($"{ScheduleClientExtensions.SchedulesPath()}/{schedule.Id}")).AssertProblemCode(404, "SCHEDULE_NOT_FOUND");
        Assert.Equal(schedule, await own.GetSchedule(schedule.Id, _project));
    }

    // The clock of the server is the system's, so the time comes to the schedule.
    private async Task MakeDue(string id, DateTimeOffset? fire)
    {
        var store = application.Services.GetRequiredService<IScheduleStore>();
        await Eventually.Holds(async () =>
        {
            var schedule = await store.Find(Guid.Parse(id), default);
            return schedule is null || await store.TryReplace(
                schedule with { Version = schedule.Version + 1, NextFireAt = fire, DueAt = TestRuns.Noon.AddYears(-1) }, default);
        });
    }
}
