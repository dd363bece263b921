namespace Runs.Client.Tests;

/// <summary>The requests of <see cref="Schedules"/>, and how their responses are read.</summary>
public sealed class SchedulesTests
{
    private const string Path = "/projects/7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10/schedules";

    private const string Schedule =
        """
        {"id":"s1","project_id":"p","name":"Nightly","status":"active","target":{"kind":"task","id":"x"},
         "schedule":"30 2 * * *","timezone":"Europe/Berlin","config":{"a":1},"timeout_seconds":300,"backoff_limit":3,
         "concurrency_policy":"Forbid","next_fire_at":"2027-03-28T01:00:00.000Z","missed_count":2,
         "definition_source":"manual","source_trigger_id":null}
        """;

    [Fact]
    public async Task A_schedule_is_created_with_the_names_of_the_API()
    {
        await using var server = await Start($$"""{"schedule":{{Schedule}}}""", 201);

        var schedule = await server.Client.Schedules.Create(new NewSchedule
        {
            Name = "Nightly",
            Target = new ScheduleTarget { Kind = "task", Id = "x" },
            Expression = "30 2 * * *",
            TimeZone = "Europe/Berlin",
            Config = new RawJson("""{"a":1}"""),
            ConcurrencyPolicy = ConcurrencyPolicies.Forbid,
            CatchUp = CatchUpPolicies.Latest,
        });

        Assert.Equal(("s1", "30 2 * * *", "Europe/Berlin"), (schedule.Id, schedule.Expression, schedule.TimeZone));
        Assert.Equal(("""{"a":1}""", 2), (schedule.Config!.Value.Text, schedule.MissedCount));
        Assert.Equal(new DateTimeOffset(2027, 3, 28, 1, 0, 0, TimeSpan.Zero), schedule.NextFireAt);
        Assert.Equal(
            ($"POST {Path}",
            """{"name":"Nightly","target":{"kind":"task","id":"x"},"schedule":"30 2 * * *","timezone":"Europe/Berlin","""
            + """ "config":{"a":1},"concurrency_policy":"Forbid","catch_up":"latest"}""".TrimStart()),
            server.Requests.Single());
    }

    [Theory]
    [InlineData(Schedule)]
    [InlineData($$"""{"schedule":{{Schedule}}}""")]
    public async Task A_schedule_is_read_in_both_forms(string response)
    {
        await using var server = await Start(response);

        Assert.Equal("Nightly", (await server.Client.Schedules.Get("s/1")).Name);
        Assert.Equal($"GET {Path}/s%2F1", server.Requests.Single().Path);
    }

    [Fact]
    public async Task Schedules_are_paused_resumed_changed_and_deleted()
    {
        await using var server = await Start(Schedule);

        await server.Client.Schedules.Pause("s1", "holidays");
        await server.Client.Schedules.Resume("s1");
        await server.Client.Schedules.Change("s1", new ScheduleChange { Expression = "@daily" });
        await server.Client.Schedules.Delete("s1");

        Assert.Equal(
            [
                ($"PATCH {Path}/s1", """{"status":"paused","paused_reason":"holidays"}"""),
                ($"PATCH {Path}/s1", """{"status":"active"}"""),
                ($"PATCH {Path}/s1", """{"schedule":"@daily"}"""),
                ($"DELETE {Path}/s1", ""),
            ],
            server.Requests);
    }

    [Fact]
    public async Task The_delete_of_a_schedule_that_does_not_exist_is_no_error()
    {
        await using var server = await Start("""{"detail":"No such schedule."}""", 404);

        await server.Client.Schedules.Delete("s1");

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Schedules_are_listed_by_status()
    {
        await using var server = await Start($$"""{"schedules":[{{Schedule}}],"source_schedules":[]}""");

        Assert.Equal("s1", Assert.Single(await server.Client.Schedules.List(ScheduleStatuses.Active)).Id);
        Assert.Equal($"GET {Path}?status=active", server.Requests.Single().Path);
    }

    [Fact]
    public async Task The_next_times_and_their_notes_are_read()
    {
        await using var server = await Start(
            """{"fires":[{"at":"2027-03-28T01:00:00.000Z","local":"2027-03-28 03:00"}],"notes":["02:30 does not exist"]}""");

        var fires = await server.Client.Schedules.Fires("s1", 1);
        await server.Client.Schedules.Preview("30 2 * * *", "Europe/Berlin", count: 1);

        Assert.Equal("2027-03-28 03:00", Assert.Single(fires.Fires).Local);
        Assert.Equal(["02:30 does not exist"], fires.Notes);
        Assert.Equal(
            [
                ($"GET {Path}/s1/fires?count=1", ""),
                ($"POST {Path}/preview", """{"schedule":"30 2 * * *","timezone":"Europe/Berlin","count":1}"""),
            ],
            server.Requests);
    }

    [Fact]
    public async Task A_run_by_hand_has_an_idempotency_key_for_its_retries()
    {
        await using var server = await StubServer.Start((http, count) => count == 1
            ? StubServer.Json(http, "{}", 503)
            : StubServer.Json(http, """{"run_id":"run_1","run_execution_id":"e","schedule_id":"s1"}""", 201));

        var run = await server.Client.Schedules.RunNow("s1", "by hand");
        await server.Client.Schedules.RunNow("s1", idempotencyKey: "key");

        Assert.Equal(("run_1", "s1"), (run.RunId, run.ScheduleId));
        var bodies = server.Requests.Select(request => request.Body).ToList();
        Assert.Matches("""^{"run_name":"by hand","idempotency_key":"schedule-run:[0-9a-f]{32}"}$""", bodies[0]);
        Assert.Equal(bodies[0], bodies[1]);
        Assert.Equal("""{"idempotency_key":"key"}""", bodies[2]);
    }

    private static Task<StubServer> Start(string response, int status = 200) =>
        StubServer.Start((http, _) => StubServer.Json(http, response, status));
}
