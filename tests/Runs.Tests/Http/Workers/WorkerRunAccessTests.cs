using System.Text.RegularExpressions;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class WorkerRunAccessTests(EmbeddedApplication application) : WorkerRunAccessTests<EmbeddedApplication>(application);

/// <summary>What a worker may do with its token: everything about the runs that it holds, and nothing else.</summary>
public abstract class WorkerRunAccessTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Append = """{"events":[{"type":"CUSTOM"}]}""";

    private static readonly string[] OwnRoutes =
    [
        "POST /agent-workers/workers/{worker_id}/heartbeat",
        "POST /agent-workers/workers/{worker_id}/claim",
        "POST /agent-workers/workers/{worker_id}/runs/{run_id}/lease",
        "DELETE /agent-workers/workers/{worker_id}/runs/{run_id}/lease",
        "PUT /agent-workers/workers/{worker_id}/runs/{run_id}/session",
        "GET /runs/{run_id}",
        "GET /runs/{run_id}/events",
        "POST /runs/{run_id}/events",
        "POST /runs/{run_id}/wait",
        "POST /runs/{run_id}/complete",
        "POST /runs/{run_id}/input-requests",
        "GET /conversations/{conversation_id}/runs/{run_id}",
        "GET /conversations/{conversation_id}/runs/{run_id}/events",
        "POST /conversations/{conversation_id}/runs/{run_id}/events",
        "POST /conversations/{conversation_id}/input-requests",
    ];

    /// <summary>A new route that accepts tokens of workers is to be added to the list above.</summary>
    [Fact]
    public async Task Every_other_route_rejects_the_token_of_a_worker()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = await CreateClaimedTask(worker);
        var routes = (await ApiRoutes.List()).Select(mapped => mapped.Route).Except(OwnRoutes).ToList();

        Assert.True(routes.Count > 15, $"{routes.Count} routes were checked.");
        foreach (var route in routes)
        {
            var (method, path) = (route.Split(' ')[0], Regex.Replace(route.Split(' ')[1].Replace("{run_id}", run), "{[^}]+}", "any"));
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await process.SendAsync(request);
            (await ApiResponse.From(response)).AssertProblemCode(403, "WORKER_TOKEN_NOT_ALLOWED");
        }

        Assert.Equal("running", (await application.Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task The_holder_of_a_run_reads_appends_waits_and_completes()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = await CreateClaimedTask(worker);

        Assert.Equal("running", (await process.GetRun(run)).Status);
        Assert.Equal(200, (await process.Post($"/runs/{run}/events", Append)).Status);
        Assert.Equal(200, (await process.Get($"/runs/{run}/events")).Status);
        Assert.Equal(200, (await process.Post($"/runs/{run}/wait", new { reason = "event" })).Status);
        await application.Client.Resume(run, new { type = "event" });
        Assert.True((await process.Complete(run)).Completed);

        var completed = (await application.GetChanges(run))[^1];
        Assert.Equal(("complete", "worker", worker), (completed.Action, completed.Actor!.Type, completed.Actor.Id));
    }

    [Fact]
    public async Task The_holder_of_a_conversations_run_reads_appends_and_requests_input()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(run));
        await Claim(run, worker);

        Assert.Equal(200, (await process.Get(ApiPaths.ConversationRun(run))).Status);
        Assert.Equal(200, (await process.Post($"{ApiPaths.ConversationRun(run)}/events", Append)).Status);
        Assert.Equal(200, (await process.Get($"{ApiPaths.ConversationRun(run)}/events")).Status);
        Assert.Equal(201, (await process.RequestInput(run)).Status);
        Assert.Equal("waiting", (await process.GetRun(run)).Status);
    }

    [Fact]
    public async Task The_holder_of_a_projects_run_requests_input()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = await CreateClaimedTask(worker);

        Assert.Equal(201, (await process.RequestInput(run, path: ApiPaths.RunInputRequests(run))).Status);

        Assert.Equal("waiting", (await process.GetRun(run)).Status);
        Assert.Equal(("wait", "worker", worker), Describe((await application.GetChanges(run))[^1]));

        static (string, string?, string?) Describe(RunChange change) => (change.Action, change.Actor?.Type, change.Actor?.Id);
    }

    [Fact]
    public async Task A_run_that_the_worker_does_not_hold_is_forbidden_and_unchanged()
    {
        var (process, _) = await RegisterProcess();
        using var client = process;
        var (pending, held) = (await application.Client.CreateTask(), await CreateClaimedTask("another-worker"));
        var chat = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(chat));

        foreach (var run in new[] { pending, held })
        {
            var before = await Stored(run);
            await AssertForbidden(process.Get($"/runs/{run}"));
            await AssertForbidden(process.Get($"/runs/{run}/events"));
            await AssertForbidden(process.Post($"/runs/{run}/events", Append));
            await AssertForbidden(process.Post($"/runs/{run}/wait", new { reason = "event" }));
            await AssertForbidden(process.RequestInput(run, path: ApiPaths.RunInputRequests(run)));
            await AssertForbidden(process.Post($"/runs/{run}/complete", """{"status":"completed","attempt":1}"""));
            Assert.Equal(RunVersion.From(before), RunVersion.From(await Stored(run)));
        }

        await AssertForbidden(process.RequestInput(chat));
        (await process.Get("/runs/none")).AssertProblemCode(404, "RUN_NOT_FOUND");
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);
        (await process.Get($"/runs/{await otherTenant.CreateTask()}")).AssertProblemCode(404, "RUN_NOT_FOUND");
    }

    [Fact]
    public async Task A_worker_that_has_lost_its_run_cannot_change_it_and_learns_it()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = await CreateClaimedTask(worker);
        await Release(run, attempt: 1);
        await Claim(run, "another-worker"); // attempt 2

        foreach (var named in new[] { "", ",\"attempt\":1", ",\"attempt\":2" })
        {
            await AssertLost("events", $$"""{"events":[{"type":"CUSTOM"}]{{named}}}""");
            await AssertLost("wait", $$"""{"reason":"event"{{named}}}""");
            await AssertLost("complete", $$"""{"status":"completed"{{named}}}""");
            await AssertLost(
                "input-requests",
                $$"""{"tool_call_id":"ask","requested_responder_type":"human","title":"Which?","fields":[1]{{named}}}""");
        }

        await AssertForbidden(process.Get($"/runs/{run}"));
        Assert.Equal(("running", 2), ((await Stored(run)).Status, (await Stored(run)).Attempt));

        async Task AssertLost(string call, string body) =>
            (await process.Post($"/runs/{run}/{call}", body)).AssertProblemCode(409, "ATTEMPT_LOST");
    }

    [Theory]
    [InlineData("", "ATTEMPT_REQUIRED")]
    [InlineData(",\"attempt\":1", "ATTEMPT_LOST")] // of another worker, and over
    public async Task The_holder_after_a_fenced_claim_must_name_its_attempt(string named, string code)
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var run = await CreateClaimedTask("another-worker");
        await Release(run, attempt: 1);
        await Claim(run, worker, isFenced: true); // attempt 2

        await AssertRejected("events", $$"""{"events":[{"type":"CUSTOM"}]{{named}}}""");
        await AssertRejected("wait", $$"""{"reason":"event"{{named}}}""");
        await AssertRejected("complete", $$"""{"status":"completed"{{named}}}""");
        await AssertRejected(
            "input-requests",
            $$"""{"tool_call_id":"ask","requested_responder_type":"human","title":"Which?","fields":[1]{{named}}}""");

        Assert.Equal("running", (await Stored(run)).Status);
        Assert.Equal(200, (await process.Post($"/runs/{run}/complete", """{"status":"completed","attempt":2}""")).Status);

        async Task AssertRejected(string call, string body) =>
            (await process.Post($"/runs/{run}/{call}", body)).AssertProblemCode(409, code);
    }

    [Fact]
    public async Task A_repeated_outcome_gets_the_same_response()
    {
        var (process, worker) = await RegisterProcess();
        using var client = process;
        var (completed, failed) = (await CreateClaimedTask(worker), await CreateClaimedTask(worker, backoffLimit: 1));

        Assert.True((await process.Complete(completed)).Completed);
        Assert.True((await process.Complete(completed)).Completed);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var response = await process.Post($"/runs/{failed}/complete", new { status = "failed" });
            Assert.Equal((200, true), (response.Status, response["retrying"].GetBoolean()));
        }

        Assert.Equal(1, (await Stored(failed)).FailedAttempts);
    }

    private static async Task AssertForbidden(Task<ApiResponse> call) => (await call).AssertProblemCode(403, "RUN_NOT_HELD");

    private async Task<(HttpClient Process, string WorkerId)> RegisterProcess()
    {
        var registered = await application.Client.RegisterWorker();
        return (application.CreateWorkerClient(registered), registered.Worker.Id);
    }

    private async Task<string> CreateClaimedTask(string worker, int? backoffLimit = null)
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run, new { target = "task:t", backoff_limit = backoffLimit }));
        await Claim(run, worker);
        return run;
    }

    private async Task Claim(string run, string worker, bool isFenced = false)
    {
        var claim = new ClaimRun { Tenant = "dev", RunId = run, ClaimId = TestRequests.NewUuid(), WorkerId = worker, Fenced = isFenced };
        var response = await application.Bus.CreateRequestClient<ClaimRun>().GetResponse<RunSnapshot, RunRejected>(claim);
        Assert.IsType<RunSnapshot>(response.Message);
    }

    private async Task Release(string run, int attempt)
    {
        var release = new ReleaseRun { Tenant = "dev", RunId = run, Attempt = attempt, Reason = ReleaseReasons.Shutdown };
        var response = await application.Bus.CreateRequestClient<ReleaseRun>().GetResponse<RunSnapshot, RunRejected>(release);
        Assert.IsType<RunSnapshot>(response.Message);
    }

    private async Task<Run> Stored(string run) => (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
}
