using System.Text.Json;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class AttemptTests(EmbeddedApplication application) : AttemptTests<EmbeddedApplication>(application);

/// <summary>Attempts of workers that claim over the broker, and report over the broker and over HTTP.</summary>
public abstract class AttemptTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_failed_attempt_is_retried_and_the_next_one_completes_the_run()
    {
        var run = await CreateTask(backoffLimit: 1);
        Assert.Equal(1, (await Claim(run)).Attempt);

        var failed = await Client.Post(
            $"/runs/{run}/complete", """{"status":"failed","terminal_error_code":"LOCKED","attempt":1,"retry_after_seconds":0}""");
        var second = await Claim(run);
        var late = await Client.Post($"/runs/{run}/complete", """{"status":"completed","output":1,"attempt":1}""");
        var completed = await Client.Post($"/runs/{run}/complete", """{"status":"completed","output":2,"attempt":2}""");

        Assert.Equal((false, true), (failed["completed"].GetBoolean(), failed["retrying"].GetBoolean()));
        Assert.Equal(JsonValueKind.Null, failed["next_attempt_at"].ValueKind);
        Assert.Equal(("running", 1), (
            failed["run"].GetProperty("status").GetString(), failed["run"].GetProperty("failed_attempts").GetInt32()));
        Assert.Equal(2, second.Attempt);
        late.AssertProblemCode(409, RejectionCodes.AttemptLost);
        Assert.True(completed["completed"].GetBoolean());
        Assert.False(completed["retrying"].GetBoolean());
        Assert.Equal("2", (await Client.GetRun(run)).Output.GetRawText());
        var later = await Client.Post($"/runs/{run}/complete", """{"status":"completed","output":1,"attempt":1}""");
        Assert.False(later["completed"].GetBoolean()); // another attempt has completed it
        var attempts = (await Client.Get($"/runs/{run}/attempts"))["data"].EnumerateArray().ToList();
        Assert.Equal(
            [(1, "failed", "worker"), (2, "completed", "worker")],
            attempts.Select(attempt => (
                attempt.GetProperty("attempt").GetInt32(),
                attempt.GetProperty("outcome").GetString(),
                attempt.GetProperty("worker_id").GetString())));
        Assert.Equal("LOCKED", attempts[0].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_failed_attempt_is_retried_after_its_delay()
    {
        var run = await CreateTask(backoffLimit: 1);
        await Claim(run);

        var failed = await Client.Post($"/runs/{run}/complete", """{"status":"failed","attempt":1,"retry_after_seconds":1}""");

        Assert.Equal(JsonValueKind.String, failed["next_attempt_at"].ValueKind);
        await Eventually.Holds(async () => await TryClaim(run) is RunSnapshot);
        Assert.Equal(("running", 2), ((await Client.GetRun(run)).Status, (await Stored(run)).Attempt));
    }

    [Fact]
    public async Task A_fenced_attempt_accepts_only_what_names_it()
    {
        var run = await CreateTask(backoffLimit: 1);
        await Claim(run, fenced: true);

        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""")).AssertProblemCode(409, "ATTEMPT_REQUIRED");
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}],"attempt":2}""")).AssertProblemCode(409, "ATTEMPT_LOST");
        (await Client.Post($"/runs/{run}/complete", """{"status":"completed"}""")).AssertProblemCode(409, "ATTEMPT_REQUIRED");
        (await Client.Post($"/runs/{run}/wait", """{"reason":"event"}""")).AssertProblemCode(409, "ATTEMPT_REQUIRED");

        var appended = await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}],"attempt":1}""");

        Assert.Equal(200, appended.Status);
        // This process has appended to the run and knows its head.
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""")).AssertProblemCode(409, "ATTEMPT_REQUIRED");
        (await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}],"attempt":2}""")).AssertProblemCode(409, "ATTEMPT_LOST");
        Assert.Equal(2, (await Stored(run)).LatestEventId);
        await Client.Post($"/runs/{run}/complete", """{"status":"completed","attempt":1}""");
        var late = await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}],"attempt":1}""");
        late.AssertProblemCode(400, "RUN_NOT_ACTIVE");
    }

    [Fact]
    public async Task A_failure_that_is_not_retryable_ends_the_run()
    {
        var run = await CreateTask(backoffLimit: 3);
        await Claim(run);

        var failed = await Client.Post($"/runs/{run}/complete", """{"status":"failed","attempt":1,"retryable":false}""");

        Assert.Equal((true, false), (failed["completed"].GetBoolean(), failed["retrying"].GetBoolean()));
    }

    [Fact]
    public async Task An_append_of_an_attempt_that_is_over_is_rejected_and_its_repeat_is_not()
    {
        const string Append = """{"events":[{"type":"CUSTOM","n":1}],"expected_previous_event_id":1,"attempt":1}""";
        var run = await CreateTask(backoffLimit: 1);
        await Claim(run);
        Assert.Equal(200, (await Client.Post($"/runs/{run}/events", Append)).Status);
        await Client.Post($"/runs/{run}/complete", """{"status":"failed","attempt":1,"retry_after_seconds":0}""");

        var repeated = await Client.Post($"/runs/{run}/events", Append);
        var late = await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM","n":2}],"attempt":1}""");
        await Claim(run);
        var later = await Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM","n":2}],"attempt":1}""");

        Assert.Equal(0, repeated["appended_count"].GetInt32());
        Assert.All([late, later], response => response.AssertProblemCode(409, "ATTEMPT_LOST"));
        Assert.Equal("The attempt is over. The last attempt of the run is 2.", later["detail"].GetString());
        Assert.Equal(["RUN_STARTED", "CUSTOM", "CUSTOM", "CUSTOM"], (await Client.ListEvents(run)).Data.Select(logged => logged.EventType));
    }

    [Fact]
    public async Task A_suspended_run_is_claimed_again_with_its_result()
    {
        var run = await CreateTask(backoffLimit: 0);
        await Claim(run);

        var wait = await Client.Post($"/runs/{run}/wait", """{"reason":"tool","tool_call_id":"call_1","attempt":1,"release":true}""");
        Assert.IsType<RunRejected>(await TryClaim(run));
        await Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call_1", result = new { a = 1 } });
        var claim = await Claim(run);

        Assert.True(wait["waiting"].GetBoolean());
        Assert.Equal((2, """{"a":1}"""), (claim.Attempt, Assert.Single(claim.ToolResults).Result!.Value.Text));
        Assert.Equal(0, (await Stored(run)).FailedAttempts);
    }

    [Fact]
    public async Task Of_many_claims_one_succeeds()
    {
        var run = await CreateTask(backoffLimit: 0);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryClaim(run)));

        Assert.Single(replies.OfType<RunSnapshot>());
        Assert.All(replies.OfType<RunRejected>(), rejection => Assert.Equal(RejectionCodes.RunNotClaimable, rejection.Code));
        Assert.Equal(1, (await Stored(run)).Attempt);
    }

    [Fact]
    public async Task A_delayed_run_is_ready_when_its_time_has_come()
    {
        var run = TestRequests.NewId();
        var created = await Client.Create(TestRequests.TaskBody(run, new { target = "task:t", delay_seconds = 1, priority = 5 }));
        Assert.Equal("pending", created.Run.Status);
        Assert.IsType<RunRejected>(await TryClaim(run));

        await Eventually.Holds(async () => await TryClaim(run) is RunSnapshot);

        Assert.Equal(1, (await Stored(run)).Attempt);
    }

    private async Task<string> CreateTask(int backoffLimit)
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run, new { target = "task:t", backoff_limit = backoffLimit }));
        return run;
    }

    private async Task<RunClaim> Claim(string run, bool fenced = false) =>
        Assert.IsType<RunSnapshot>(await TryClaim(run, fenced)).Claim ?? throw new InvalidOperationException("The reply has no claim.");

    private async Task<object> TryClaim(string run, bool fenced = false)
    {
        var claim = new ClaimRun { Tenant = "dev", RunId = run, ClaimId = TestRequests.NewUuid(), WorkerId = "worker", Fenced = fenced };
        return (await application.Bus.CreateRequestClient<ClaimRun>().GetResponse<RunSnapshot, RunRejected>(claim)).Message;
    }

    private async Task<Run> Stored(string run) => (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
}
