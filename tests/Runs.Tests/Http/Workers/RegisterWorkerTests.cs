using System.Text.Json;
using System.Text.RegularExpressions;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class RegisterWorkerTests(EmbeddedApplication application) : RegisterWorkerTests<EmbeddedApplication>(application);

/// <summary>The registration of workers, and their list.</summary>
public abstract class RegisterWorkerTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private static readonly string Path = WorkerClientExtensions.WorkersPath();

    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_registration_returns_the_worker_and_a_token()
    {
        var key = TestRequests.NewUuid();

        var response = await Client.Post(
            Path,
            $$"""
            {"implementation_kind":"python","worker_key":"{{key}}","implementation_display_name":"Python","display_name":"One",
             "targets":["task:rebuild-index","workflow:*","task:rebuild-index"],"max_concurrent_runs":7,
             "metadata":{ "a.b" : 1.0, "$x": 1e400, "": null },"unknown":1}
            """);

        var (worker, token) = response.Read<RegisteredWorker>(201);
        Assert.Equal(["worker", "token"], response.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            [
                "id", "project_id", "implementation_kind", "implementation_display_name", "worker_key", "display_name", "status",
                "targets", "max_concurrent_runs", "last_heartbeat_at", "created_at", "updated_at", "metadata",
            ],
            response["worker"].EnumerateObject().Select(member => member.Name));
        Assert.Equal(RunIds.ForWorker("dev", RunsApplication.Project, "python", key), Guid.Parse(worker.Id));
        Assert.Equal((RunsApplication.Project, "python", key, "One", "active"), (
            worker.ProjectId, worker.ImplementationKind, worker.WorkerKey, worker.DisplayName, worker.Status));
        Assert.Equal("Python", response["worker"].GetProperty("implementation_display_name").GetString());
        Assert.Equal(["task:rebuild-index", "workflow:*"], worker.Targets);
        Assert.Equal(7, worker.MaxConcurrentRuns);
        Assert.Equal("""{ "a.b" : 1.0, "$x": 1e400, "": null }""", worker.Metadata.GetRawText());
        Assert.Null(worker.LastHeartbeatAt);
        Assert.Matches($"^vfw_{Guid.Parse(worker.Id):N}_[A-Za-z0-9_-]{{43}}$", token);
        Assert.Contains("no-store", response.Headers["Cache-Control"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_id_of_a_worker_depends_on_tenant_project_implementation_and_key()
    {
        var (key, otherProject) = (TestRequests.NewUuid(), TestRequests.NewUuid());
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);
        string[] ids =
        [
            (await Client.RegisterWorker(key)).Worker.Id,
            (await Client.RegisterWorker(key, otherProject)).Worker.Id,
            (await otherTenant.RegisterWorker(key)).Worker.Id,
            (await Client.RegisterWorker($"{key}2")).Worker.Id,
            (await Client.Post(Path, WorkerClientExtensions.WorkerBody(key, kind: "go"))).Read<RegisteredWorker>(201).Worker.Id,
        ];

        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(ids[0], (await Client.RegisterWorker(key)).Worker.Id);
    }

    [Fact]
    public async Task A_registration_by_slug_belongs_to_its_project()
    {
        var response = await Client.Post("/agent-workers/projects/my%2Fslug/workers", WorkerClientExtensions.WorkerBody());

        Assert.Equal(RunsApplication.Project, response.Read<RegisteredWorker>(201).Worker.ProjectId);
        (await Client.Post("/agent-workers/projects/none/workers", WorkerClientExtensions.WorkerBody()))
            .AssertProblemCode(404, "PROJECT_NOT_FOUND");
    }

    [Fact]
    public async Task Another_registration_replaces_the_members_and_adds_a_token()
    {
        var key = TestRequests.NewUuid();
        var body = WorkerClientExtensions.WorkerBody(key)
            .With("display_name", "One").With("targets", new[] { "task:*" }).With("metadata", new { a = 1 }).With("max_concurrent_runs", 2);
        var first = (await Client.Post(Path, body)).Read<RegisteredWorker>(201);

        var second = await Client.RegisterWorker(key);

        Assert.Equal((first.Worker.Id, first.Worker.CreatedAt), (second.Worker.Id, second.Worker.CreatedAt));
        Assert.Equal((null, null, JsonValueKind.Null), (
            second.Worker.DisplayName, second.Worker.MaxConcurrentRuns, second.Worker.Metadata.ValueKind));
        Assert.Empty(second.Worker.Targets);
        Assert.NotEqual(first.Token, second.Token);
        foreach (var token in new[] { first.Token, second.Token })
        {
            using var process = application.CreateClient(token);
            Assert.Equal(200, (await process.Heartbeat(first.Worker.Id)).Status);
        }
    }

    [Fact]
    public async Task Every_token_of_concurrent_registrations_is_valid()
    {
        var key = TestRequests.NewUuid();

        var registered = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Client.RegisterWorker(key))));

        Assert.Single(registered.Select(registration => registration.Worker.Id).Distinct());
        foreach (var registration in registered)
        {
            using var process = application.CreateWorkerClient(registration);
            Assert.Equal(200, (await process.Heartbeat(registration.Worker.Id)).Status);
        }
    }

    [Fact]
    public async Task The_17th_token_replaces_the_one_that_was_used_longest_ago()
    {
        var key = TestRequests.NewUuid();
        var registered = new List<RegisteredWorker>();
        for (var i = 0; i < 16; i++)
        {
            registered.Add(await Client.RegisterWorker(key));
        }

        var id = registered[0].Worker.Id;
        using var first = application.CreateWorkerClient(registered[0]);
        using var second = application.CreateWorkerClient(registered[1]);
        await first.Heartbeat(id);
        await Eventually.Holds(async () =>
            (await application.WorkerStore.Find(Guid.Parse(id), default))!.Tokens[0] is var token && token.LastUsedAt > token.CreatedAt);

        await Client.RegisterWorker(key);

        await Eventually.Holds(async () => (await second.Heartbeat(id)).Status == 401);
        Assert.Equal(200, (await first.Heartbeat(id)).Status);
        Assert.Equal(16, (await application.WorkerStore.Find(Guid.Parse(id), default))!.Tokens.Count);
    }

    [Theory]
    [InlineData("{}", "/implementation_kind", "/worker_key")]
    [InlineData("[]", "")]
    [InlineData("""{"implementation_kind":null,"worker_key":1}""", "/implementation_kind", "/worker_key")]
    [InlineData("""{"implementation_kind":"a.b","worker_key":"a/b"}""", "/implementation_kind", "/worker_key")]
    [InlineData("""{"implementation_kind":"ä","worker_key":""}""", "/implementation_kind", "/worker_key")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","display_name":""}""", "/display_name")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","implementation_display_name":"a\nb"}""", "/implementation_display_name")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","metadata":[]}""", "/metadata")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","max_concurrent_runs":0}""", "/max_concurrent_runs")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","max_concurrent_runs":1001}""", "/max_concurrent_runs")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","max_concurrent_runs":1.5}""", "/max_concurrent_runs")]
    [InlineData("""{"implementation_kind":"k","worker_key":"w","targets":"task:*"}""", "/targets")]
    [InlineData(
        """{"implementation_kind":"k","worker_key":"w","targets":["task:a","task:","job:a","*",1,"task:a\u0000"]}""",
        "/targets/1", "/targets/2", "/targets/3", "/targets/4", "/targets/5")]
    public async Task An_invalid_body_is_rejected_with_every_error(string body, params string[] pointers) =>
        (await Client.Post(Path, body)).AssertProblem(400, null, pointers);

    [Fact]
    public async Task Limits_are_those_of_the_contract()
    {
        var body = WorkerClientExtensions.WorkerBody(new string('k', 128), kind: new string('i', 64))
            .With("display_name", new string('d', 128))
            .With("targets", Enumerable.Range(0, 100).Select(i => $"task:{new string('x', 253)}{i:D3}"))
            .With("max_concurrent_runs", 1000)
            .With("metadata", new { a = new string('m', (64 * 1024) - 8) });
        Assert.Equal(201, (await Client.Post(Path, body)).Status);

        (await Client.Post(Path, body.With("worker_key", new string('k', 129)))).AssertProblem(400, null, "/worker_key");
        (await Client.Post(Path, body.With("implementation_kind", new string('i', 65)))).AssertProblem(400, null, "/implementation_kind");
        (await Client.Post(Path, body.With("display_name", new string('d', 129)))).AssertProblem(400, null, "/display_name");
        (await Client.Post(Path, body.With("targets", Enumerable.Repeat("task:a", 101)))).AssertProblem(400, null, "/targets");
        (await Client.Post(Path, body.With("targets", new[] { "task:" + new string('x', 257) }))).AssertProblem(400, null, "/targets/0");
        var tooLarge = new { a = new string('m', (64 * 1024) - 7) };
        (await Client.Post(Path, body.With("metadata", tooLarge))).AssertProblem(400, null, "/metadata");
        const string Duplicate = """{"implementation_kind":"k","worker_key":"a","worker_key":"b"}""";
        (await Client.Post(Path, Duplicate)).AssertProblemCode(400, "INVALID_JSON");
    }

    [Fact]
    public async Task Workers_are_listed_by_page_newest_first()
    {
        var project = TestRequests.NewUuid();
        var path = WorkerClientExtensions.WorkersPath(project);
        var registered = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            registered.Add((await Client.RegisterWorker(project: project)).Worker.Id);
        }

        var listed = new List<ApiWorker>();
        var page = await Client.List<ApiWorker>($"{path}?limit=2");
        while (true)
        {
            listed.AddRange(page.Data);
            if (page.PageInfo.Next is not { } next)
            {
                break;
            }

            page = await Client.List<ApiWorker>($"{path}?limit=2&cursor={next}");
            Assert.Equal(next, page.PageInfo.Self);
        }

        Assert.Equal(registered.Order(), listed.Select(worker => worker.Id).Order());
        Assert.Equal(listed.OrderByDescending(worker => worker.CreatedAt).Select(worker => worker.Id), listed.Select(worker => worker.Id));
        Assert.All(listed, worker => Assert.Equal("active", worker.Status));
        (await Client.Get($"{path}?limit=0")).AssertProblem(400, null, "limit");
        (await Client.Get($"{path}?cursor=x")).AssertProblem(400, null, "cursor");
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);
        Assert.Empty((await otherTenant.List<ApiWorker>(path)).Data);
    }

    [Fact]
    public async Task A_worker_without_a_sign_for_90_seconds_is_silent_until_its_next_heartbeat()
    {
        var project = TestRequests.NewUuid();
        var registered = await Client.RegisterWorker(project: project);
        var stored = (await application.WorkerStore.Find(Guid.Parse(registered.Worker.Id), default))!;
        var earlier = stored.UpdatedAt.AddSeconds(-91);
        await application.WorkerStore.TryReplace(stored with { UpdatedAt = earlier, Version = 2 }, 1, default);

        Assert.Equal("silent", await GetStatus());
        using var process = application.CreateWorkerClient(registered);
        var beat = await process.Heartbeat(registered.Worker.Id);

        Assert.Equal("active", beat["worker"].GetProperty("status").GetString());
        await Eventually.Holds(async () => await GetStatus() == "active");

        async Task<string> GetStatus() =>
            Assert.Single((await Client.List<ApiWorker>(WorkerClientExtensions.WorkersPath(project))).Data).Status;
    }

    [Fact]
    public async Task A_credential_for_a_project_registers_lists_and_revokes_only_workers_of_this_project()
    {
        var (project, otherProject) = (TestRequests.NewUuid(), TestRequests.NewUuid());
        using var caller = await application.CreateClientWithKey(project: project);
        var other = await Client.RegisterWorker(project: otherProject);

        var own = await caller.RegisterWorker(project: project);
        var rejected = await caller.Post(WorkerClientExtensions.WorkersPath(otherProject), WorkerClientExtensions.WorkerBody());
        rejected.AssertProblemCode(404, "PROJECT_NOT_FOUND");
        (await caller.Get(WorkerClientExtensions.WorkersPath(otherProject))).AssertProblemCode(404, "PROJECT_NOT_FOUND");
        (await caller.RevokeWorker(other.Worker.Id)).AssertProblemCode(404, "WORKER_NOT_FOUND");

        Assert.Single((await caller.List<ApiWorker>(WorkerClientExtensions.WorkersPath(project))).Data);
        Assert.Equal(204, (await caller.RevokeWorker(own.Worker.Id)).Status);
        Assert.Single((await Client.List<ApiWorker>(WorkerClientExtensions.WorkersPath(otherProject))).Data);
    }

    [Fact]
    public async Task The_store_has_only_the_hash_of_a_token()
    {
        var (worker, token) = await Client.RegisterWorker();

        var stored = (await application.WorkerStore.Find(Guid.Parse(worker.Id), default))!;

        var secret = token[^43..];
        Assert.Equal(WorkerTokenFormat.ComputeHash(secret), Assert.Single(stored.Tokens).Sha256);
        Assert.DoesNotContain(secret, JsonSerializer.Serialize(stored), StringComparison.Ordinal);
        Assert.Matches(new Regex("^[0-9a-f]{64}$"), stored.Tokens[0].Sha256);
    }
}
