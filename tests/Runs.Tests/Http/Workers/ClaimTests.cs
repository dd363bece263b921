using System.Text.Json;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class ClaimTests(EmbeddedApplication application) : ClaimTests<EmbeddedApplication>(application);

/// <summary>Which runs a worker gets, in which order, and what it gets with them.</summary>
public abstract class ClaimTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _project = TestRequests.NewUuid();

    [Fact]
    public async Task A_claimed_task_has_what_its_worker_needs()
    {
        using var worker = await Register();
        var id = await worker.CreateTask(new { target = "task:t", config = new { full = true }, backoff_limit = 2, timeout_seconds = 600 });

        var run = await worker.ClaimTask();

        Assert.Equal((id, "task", "task:t", "running"), (run.RunId, run.Kind, run.Target, run.Status));
        Assert.Equal((_project, null, null, null), (run.ProjectId, run.ConversationId, run.MessageId, run.AgentId));
        Assert.Equal((1, 0, 2), (run.Attempt, run.FailedAttempts, run.BackoffLimit));
        Assert.Equal("""{"full":true}""", run.Config.GetRawText());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (run.RequestSnapshot.ValueKind, run.WorkerSession.ValueKind));
        Assert.Equal((worker.Id, "[]"), (run.LeaseOwner, run.ToolResults.GetRawText()));
        Assert.Equal((1, 0), (run.LatestEventId, run.LatestExternalEventSequence));
        var stored = (await application.Store.Find(RunIds.ForRun("dev", id), default))!;
        Assert.Equal((stored.LeaseExpiresAt, stored.TimeoutAt), (run.LeaseExpiresAt, run.TimeoutAt));
        Assert.Equal((worker.Id, true, "running"), (stored.LeaseOwner, stored.LeaseFenced, stored.Status));
        Assert.Equal((60, 600), (SecondsAfterStart(stored.LeaseExpiresAt), SecondsAfterStart(stored.TimeoutAt)));

        int SecondsAfterStart(DateTimeOffset? time) => (int)(time!.Value - stored.StartedAt!.Value).TotalSeconds;
    }

    [Fact]
    public async Task Without_work_the_run_is_null_and_nothing_else_is_in_the_response()
    {
        using var worker = await Register();

        Assert.Equal("""{"run":null}""", (await worker.SendClaim(new { lease_duration_seconds = 30 })).Body.GetRawText());
        Assert.Equal("""{"run":null,"runs":[]}""", (await worker.SendClaim(new { max_runs = 10, headless = true })).Body.GetRawText());
    }

    [Fact]
    public async Task X17_runs_are_claimed_by_the_time_at_which_they_became_ready_less_their_priority()
    {
        using var worker = await Register();
        var ids = new List<string>();
        foreach (var priority in new[] { 0, 0, 3600, -3600 })
        {
            ids.Add(await worker.CreateTask(new { target = "task:t", priority }));
        }

        var claimed = (await worker.Claim(new { headless = true, max_runs = 4 })).Runs!;

        Assert.Equal([ids[2], ids[0], ids[1], ids[3]], claimed.Select(run => run.RunId));
    }

    [Fact]
    public async Task A_delayed_run_is_claimed_when_its_time_has_come()
    {
        using var worker = await Register();
        var id = await worker.CreateTask(new { target = "task:t", delay_seconds = 1 });

        Assert.Null((await worker.Claim()).Run);

        Assert.Equal(id, (await worker.Claim(new { headless = true, wait_seconds = 60 })).Run!.RunId);
    }

    [Fact]
    public async Task A_worker_gets_the_runs_of_its_targets_and_project_only()
    {
        using var worker = await Register(targets: ["task:mine", "task:also:*"]);
        await worker.CreateTask(target: "task:other");
        using var elsewhere = await TestWorker.Register(application);
        await elsewhere.CreateTask(target: "task:mine");
        Assert.Null((await worker.Claim()).Run);

        var (mine, also) = (await worker.CreateTask(target: "task:mine"), await worker.CreateTask(target: "task:also:*"));

        var claimed = (await worker.Claim(new { headless = true, max_runs = 10 })).Runs!;
        Assert.Equal(new[] { mine, also }.Order(), claimed.Select(run => run.RunId).Order());
    }

    [Fact]
    public async Task A_published_worker_gets_the_agent_runs_of_its_implementation_with_a_conversation_only()
    {
        var kind = $"impl-{TestRequests.NewUuid()[^12..]}";
        using var worker = await Register(kind);
        object[] parts = [new { type = "text", text = "hi" }, "odd"];
        object[] messages = [new { role = "user", id = "m1", parts, metadata = (object?)null }, new { role = "user", content = "plain" }];
        var input = new { messages, forwarded_props = new { a = 1.0 } };
        var chat = (await application.Client.Create(TestRequests.AgentBody(
            request: new { agent_id = "writer", implementation_kind = kind, input }))).Run.RunId;
        var ofProject = TestRequests.AgentBody(request: new { agent_id = "writer", implementation_kind = kind })
            .With("owner", new { kind = "project", id = _project });
        var headless = (await application.Client.Create(ofProject)).Run.RunId;

        var run = (await worker.Claim(new { lease_duration_seconds = 30 })).Run!;

        Assert.Equal((chat, "writer", RunsApplication.Conversation, _project), (run.RunId, run.AgentId, run.ConversationId, run.ProjectId));
        Assert.NotNull(run.MessageId);
        Assert.Equal(
            """
            {"messages":[{"id":"m1","role":"user","parts":[{"type":"text","text":"hi"}]},
            {"id":"message_1","role":"user","parts":[{"type":"text","text":"plain"}]}],"tools":[],"context":[],"forwardedProps":{"a":1}}
            """.ReplaceLineEndings(""),
            WithoutTrace(run.RequestSnapshot));
        Assert.Null((await worker.Claim(new { })).Run);
        Assert.Equal(headless, (await worker.ClaimTask()).RunId);

        static string WithoutTrace(JsonElement snapshot) => JsonSerializer.Serialize(snapshot.EnumerateObject()
            .Where(member => member.Name != "traceContext")
            .ToDictionary(member => member.Name, member => member.Value));
    }

    [Fact]
    public async Task A_worker_that_a_credential_of_a_project_has_registered_gets_no_run_of_a_conversation()
    {
        var kind = $"impl-{TestRequests.NewUuid()[^12..]}";
        await application.Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", implementation_kind = kind }));
        using var restricted = await application.CreateClientWithKey(project: _project);
        var body = WorkerClientExtensions.WorkerBody(kind: kind).With("targets", new[] { "agent:*", "task:*" });
        var registered = (await restricted.Post(WorkerClientExtensions.WorkersPath(_project), body)).Read<RegisteredWorker>(201);
        using var worker = new TestWorker(application, registered, _project);
        var task = await worker.CreateTask();

        Assert.Null((await worker.Claim(new { })).Run);
        Assert.Equal([task], (await worker.Claim(new { headless = true, max_runs = 10 })).Runs!.Select(run => run.RunId));
    }

    [Fact]
    public async Task A_run_that_names_a_worker_key_goes_to_that_worker()
    {
        var kind = $"impl-{TestRequests.NewUuid()[^12..]}";
        using var other = await Register(kind);
        using var worker = await Register(kind, key: "gpu-1");
        var run = (await application.Client.Create(TestRequests.AgentBody(
            request: new { agent_id = "writer", implementation_kind = kind, worker_key = "gpu-1" }))).Run.RunId;

        Assert.Null((await other.Claim(new { })).Run);
        Assert.Equal(run, (await worker.Claim(new { })).Run!.RunId);
    }

    [Fact]
    public async Task A_claim_that_waits_gets_a_run_that_is_created_meanwhile()
    {
        using var worker = await Register();
        var claim = worker.Claim(new { headless = true, wait_seconds = 60 });

        var run = await worker.CreateTask();

        Assert.Equal(run, (await claim).Run!.RunId);
    }

    [Fact]
    public async Task Each_run_goes_to_one_of_many_waiting_claims_and_the_others_get_null()
    {
        using var worker = await Register();
        var claims = Enumerable.Range(0, 20).Select(_ => worker.Claim(new { headless = true, wait_seconds = 3 })).ToList();

        var runs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => worker.CreateTask()));

        var claimed = (await Task.WhenAll(claims)).Select(claim => claim.Run?.RunId).OfType<string>().ToList();
        Assert.Equal(runs.Order(), claimed.Order());
    }

    [Fact]
    public async Task A_run_is_claimed_once_by_many_claims_at_the_same_moment()
    {
        using var worker = await Register();
        var runs = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => worker.CreateTask()));

        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => worker.Claim(new { headless = true, wait_seconds = 2 })));

        Assert.Equal(runs.Order(), claims.Select(claim => claim.Run?.RunId).OfType<string>().Order());
    }

    [Fact]
    public async Task A_failed_attempt_is_claimed_again_with_the_next_number()
    {
        using var worker = await Register();
        var id = await worker.CreateTask(new { target = "task:t", backoff_limit = 1 });
        await worker.ClaimTask();

        var retried = (await worker.Client.Post(
            $"/runs/{id}/complete", new { status = "failed", attempt = 1, retry_after_seconds = 0 })).Read<JsonElement>();
        Assert.True(retried.GetProperty("retrying").GetBoolean());

        var run = await worker.ClaimTask();
        Assert.Equal((id, 2, 1), (run.RunId, run.Attempt, run.FailedAttempts));
        Assert.True((await worker.Client.Complete(id, new { status = "completed", attempt = 2 })).Completed);
    }

    [Theory]
    [InlineData("""{"lease_duration_seconds":4}""", "/lease_duration_seconds must be a whole number from 5 to 300.")]
    [InlineData("""{"lease_duration_seconds":301}""", "/lease_duration_seconds must be a whole number from 5 to 300.")]
    [InlineData("""{"wait_seconds":61}""", "/wait_seconds must be a whole number from 0 to 60.")]
    [InlineData("""{"max_runs":0}""", "/max_runs must be a whole number from 1 to 10.")]
    [InlineData("""{"max_runs":11}""", "/max_runs must be a whole number from 1 to 10.")]
    [InlineData("""{"instance_id":""}""", "/instance_id must be 1-128 characters, none of them a control character.")]
    [InlineData("[]", "The body must be a JSON object.")]
    public async Task An_invalid_claim_is_rejected_and_takes_nothing(string body, string detail)
    {
        using var worker = await Register();
        var run = await worker.CreateTask();

        var response = await worker.SendClaim(body);

        response.AssertProblem(400, detail);
        Assert.Equal("pending", (await application.Client.GetRun(run)).Status);
    }

    private Task<TestWorker> Register(string kind = "python", string? key = null, params string[] targets) =>
        TestWorker.Register(application, _project, kind, key, targets);
}
