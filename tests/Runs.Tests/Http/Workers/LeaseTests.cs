using System.Text.Json;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class LeaseTests(EmbeddedApplication application) : LeaseTests<EmbeddedApplication>(application);

/// <summary>
/// What a worker does with a run that it holds: renew, release, store a session, and learn that it has lost it.
/// </summary>
public abstract class LeaseTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    [Fact]
    public async Task A_renewed_lease_ends_later_and_the_response_has_the_run()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;

        var renewed = (await worker.Renew(run.RunId, new { lease_duration_seconds = 300, attempt = 1 })).Run!;

        Assert.True(renewed.LeaseExpiresAt > run.LeaseExpiresAt.AddSeconds(200));
        Assert.Equal(WithoutLease(run), WithoutLease(renewed));

        // A JSON element is equal to itself only. A token has the second in which it was signed.
        static ApiClaimedRun WithoutLease(ApiClaimedRun run) => run with
        {
            LeaseExpiresAt = default,
            Config = default,
            RequestSnapshot = default,
            WorkerSession = default,
            ToolResults = default,
            RunEventToken = default,
        };
    }

    [Fact]
    public async Task A_renewal_by_a_worker_that_does_not_hold_the_attempt_gets_null()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        using var other = await TestWorker.Register(application, worker.Project);

        Assert.Null((await other.Renew(run.RunId)).Run);
        Assert.Null((await other.Renew(run.RunId, new { attempt = 1 })).Run);
        Assert.Null((await worker.Renew(run.RunId, new { attempt = 2 })).Run);
        await application.Client.Cancel(run.RunId);
        Assert.Null((await worker.Renew(run.RunId)).Run);
        (await worker.Client.Post($"/agent-workers/workers/{worker.Id}/runs/none/lease", new { })).AssertProblemCode(404, "RUN_NOT_FOUND");
    }

    [Fact]
    public async Task A_renewal_after_a_fenced_claim_must_name_the_attempt()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;

        var path = $"/agent-workers/workers/{worker.Id}/runs/{run.RunId}/lease";
        var response = await worker.Client.Post(path, new { lease_duration_seconds = 300 });

        response.AssertProblemCode(409, "ATTEMPT_REQUIRED");
        Assert.Equal(run.LeaseExpiresAt, (await application.Store.Find(RunIds.ForRun("dev", run.RunId), default))!.LeaseExpiresAt);
    }

    [Fact]
    public async Task A_released_run_is_claimed_again_and_a_repeat_changes_nothing()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;

        Assert.True(await Release(worker, run));
        Assert.False(await Release(worker, run));

        Assert.Equal((run.RunId, 2, 0), await worker.ClaimTask() is var next ? (next.RunId, next.Attempt, next.FailedAttempts) : default);
        Assert.False(await Release(worker, run));
    }

    [Fact]
    public async Task A_worker_cannot_release_the_attempt_of_another_one()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        using var other = await TestWorker.Register(application, worker.Project);

        (await other.Release(run.RunId, new { attempt = 1, reason = "shutdown" })).AssertProblemCode(409, "ATTEMPT_LOST");
        await Release(worker, run);
        await other.ClaimTask();
        (await worker.Release(run.RunId, new { attempt = 2, reason = "shutdown" })).AssertProblemCode(409, "ATTEMPT_LOST");
        (await worker.Release("none", new { attempt = 1, reason = "shutdown" })).AssertProblemCode(404, "RUN_NOT_FOUND");

        var stored = (await application.Store.Find(RunIds.ForRun("dev", run.RunId), default))!;
        Assert.Equal((2, other.Id), (stored.Attempt, stored.LeaseOwner));
    }

    [Fact]
    public async Task A_session_is_kept_for_the_next_attempt()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;

        var first = await SetSession(worker, run.RunId, new { session_key = "s1", metadata = new { page = 1.0 }, attempt = 1 });
        var second = await SetSession(worker, run.RunId, new { session_key = "s2", status = "active", attempt = 1 });
        await Release(worker, run);
        var claimed = (await worker.ClaimTask()).WorkerSession;

        Assert.Equal((GetText(first, "id"), "s2"), (GetText(second, "id"), GetText(second, "session_key")));
        Assert.Equal(second.GetRawText(), claimed.GetRawText());
        Assert.Equal((run.RunId, worker.Id), (GetText(claimed, "run_id"), GetText(claimed, "worker_id")));
        Assert.Equal("python", GetText(claimed, "implementation_kind"));
        Assert.Equal("""{"page":1}""", claimed.GetProperty("metadata").GetRawText());
        var ended = await SetSession(worker, run.RunId, new { session_key = "s2", status = "completed", attempt = 2 });
        Assert.NotEqual(JsonValueKind.Null, ended.GetProperty("ended_at").ValueKind);

        static string? GetText(JsonElement session, string name) => session.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_session_of_an_attempt_that_is_over_or_not_named_is_rejected_and_changes_nothing()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        using var other = await TestWorker.Register(application, worker.Project);

        (await worker.SetSession(run.RunId, new { session_key = "s" })).AssertProblemCode(409, "ATTEMPT_REQUIRED");
        (await worker.SetSession(run.RunId, new { session_key = "s", attempt = 2 })).AssertProblemCode(409, "ATTEMPT_LOST");
        (await other.SetSession(run.RunId, new { session_key = "s", attempt = 1 })).AssertProblemCode(409, "ATTEMPT_LOST");
        (await other.SetSession(run.RunId, new { session_key = "s" })).AssertProblemCode(409, "ATTEMPT_LOST");
        await Release(worker, run);
        (await worker.SetSession(run.RunId, new { session_key = "s", attempt = 1 })).AssertProblemCode(409, "ATTEMPT_LOST");
        (await worker.SetSession(run.RunId, new { session_key = "s" })).AssertProblemCode(409, "ATTEMPT_LOST");
        (await worker.SetSession("none", new { session_key = "s" })).AssertProblemCode(404, "RUN_NOT_FOUND");

        Assert.Null((await application.Store.Find(RunIds.ForRun("dev", run.RunId), default))!.WorkerSession);
    }

    [Theory]
    [InlineData("""{"status":"active"}""", "/session_key is required.")]
    [InlineData("""{"session_key":""}""", "/session_key must be 1-512 characters, none of them a control character.")]
    [InlineData("""{"session_key":"s","status":"asleep"}""", "/status must be one of active, completed, failed, cancelled.")]
    [InlineData("""{"session_key":"s","metadata":[]}""", "/metadata must be an object.")]
    public async Task An_invalid_session_is_rejected(string body, string detail)
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;

        (await worker.SetSession(run.RunId, JsonDocument.Parse(body).RootElement)).AssertProblem(400, detail);
    }

    [Fact]
    public async Task A_session_may_have_64_KiB_of_metadata()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        const int Overhead = 8; // {"a":""}

        await SetSession(worker, run.RunId, Body((64 * 1024) - Overhead));
        (await worker.SetSession(run.RunId, Body((64 * 1024) - Overhead + 1))).AssertProblemCode(400, "INVALID_REQUEST");

        static object Body(int length) => new { session_key = "s", metadata = new { a = new string('x', length) }, attempt = 1 };
    }

    [Fact]
    public async Task A_heartbeat_renews_every_lease_that_it_names()
    {
        using var worker = await TestWorker.Register(application);
        await Task.WhenAll(worker.CreateTask(), worker.CreateTask());
        var runs = (await worker.Claim(new { headless = true, max_runs = 2, instance_id = "i" })).Runs!;
        object[] held = [.. runs.Select(run => new { run_id = run.RunId, attempt = 1 })];

        foreach (var instance in new[] { "i", null })
        {
            var response = await worker.Heartbeat(new { instance_id = instance, runs = held, lease_duration_seconds = 300 });

            var reported = response.Runs!.Select(run => (run.RunId, run.Attempt, run.Status!));
            Assert.Equal(runs.Select(run => (run.RunId, 1, "running")), reported);
            Assert.All(response.Runs!, run => Assert.True(run.LeaseExpiresAt > runs[0].LeaseExpiresAt.AddSeconds(200)));
        }
    }

    [Fact]
    public async Task A_heartbeat_returns_which_runs_the_worker_does_not_hold()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        var cancelled = await ClaimNext(worker);
        await application.Client.Cancel(cancelled.RunId);
        using var other = await TestWorker.Register(application, worker.Project);
        await worker.CreateTask();
        var foreign = await other.ClaimTask();
        object[] held =
        [
            new { run_id = run.RunId, attempt = 2 }, new { run_id = cancelled.RunId, attempt = 1 },
            new { run_id = foreign.RunId, attempt = 1 }, new { run_id = "none", attempt = 1 },
        ];

        var runs = (await worker.Heartbeat(new { runs = held, wait_seconds = 60 })).Runs!;

        Assert.All(runs, reported => Assert.Null(reported.LeaseExpiresAt));
        Assert.Equal(["running", "cancelled", "running", null], runs.Select(reported => reported.Status));
    }

    [Fact]
    public async Task A_heartbeat_does_not_return_the_status_of_a_run_of_another_project()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        using var elsewhere = await TestWorker.Register(application);

        var runs = (await elsewhere.Heartbeat(new { runs = new[] { new { run_id = run.RunId, attempt = 1 } } })).Runs!;

        Assert.Equal([new HeldRunResponse(run.RunId, 1, null, null)], runs);
    }

    [Fact]
    public async Task A_heartbeat_that_waits_returns_when_a_run_is_cancelled()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        var heartbeat = worker.Heartbeat(new { runs = new[] { new { run_id = run.RunId, attempt = 1 } }, wait_seconds = 30 });

        await application.Client.Cancel(run.RunId);

        Assert.Equal(new HeldRunResponse(run.RunId, 1, null, "cancelled"), Assert.Single((await heartbeat).Runs!));
    }

    [Fact]
    public async Task A_heartbeat_that_waits_returns_when_a_run_is_resumed_and_not_when_it_waits_or_is_appended_to()
    {
        var (worker, run) = await ClaimTask();
        using var client = worker;
        var held = new { runs = new[] { new { run_id = run.RunId, attempt = 1 } }, wait_seconds = 30 };
        var whileRunning = worker.Heartbeat(held);
        await worker.Client.Post($"/runs/{run.RunId}/events", """{"events":[{"type":"CUSTOM"}],"attempt":1}""");
        await worker.Client.Wait(run.RunId, new { reason = "event", attempt = 1 });
        var whileWaiting = worker.Heartbeat(held);

        await application.Client.Resume(run.RunId, new { type = "event" });

        Assert.Equal("running", Assert.Single((await whileWaiting).Runs!).Status);
        Assert.NotNull(Assert.Single((await whileWaiting).Runs!).LeaseExpiresAt);
        await whileRunning;
    }

    [Theory]
    [InlineData(
        """{"runs":[{"run_id":"a","attempt":1},{"run_id":"a","attempt":2}]}""", "/runs/1/run_id names a run that the list has already.")]
    [InlineData("""{"runs":[{"attempt":1}]}""", "/runs/0/run_id is required.")]
    [InlineData("""{"runs":[{"run_id":"a"}]}""", "/runs/0/attempt is required.")]
    [InlineData("""{"runs":[1]}""", "/runs/0 must be an object.")]
    [InlineData("""{"wait_seconds":61}""", "/wait_seconds must be a whole number from 0 to 60.")]
    public async Task An_invalid_heartbeat_is_rejected(string body, string detail)
    {
        using var worker = await TestWorker.Register(application);

        (await worker.Client.Heartbeat(worker.Id, body)).AssertProblem(400, detail);
    }

    private async Task<(TestWorker Worker, ApiClaimedRun Run)> ClaimTask()
    {
        var worker = await TestWorker.Register(application);
        return (worker, await ClaimNext(worker));
    }

    private static async Task<ApiClaimedRun> ClaimNext(TestWorker worker)
    {
        await worker.CreateTask();
        return await worker.ClaimTask();
    }

    private static async Task<bool> Release(TestWorker worker, ApiClaimedRun run) =>
        (await worker.Release(run.RunId, new { attempt = run.Attempt, reason = "shutdown" }))
        .Read<JsonElement>().GetProperty("released").GetBoolean();

    private static async Task<JsonElement> SetSession(TestWorker worker, string run, object body) =>
        (await worker.SetSession(run, body)).Read<JsonElement>().GetProperty("session");
}
