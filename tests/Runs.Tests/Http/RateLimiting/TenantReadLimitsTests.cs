namespace Runs.Tests.Http;

/// <summary>
/// The limits of each tenant on reads, streams and responses: tenant <c>dev</c> exceeds them, tenant <c>other</c> is
/// served.
/// </summary>
public sealed class TenantReadLimitsTests(TenantLimitsApplication application) : IClassFixture<TenantLimitsApplication>, IDisposable
{
    private readonly HttpClient _other = application.CreateClient(RunsApplication.OtherKey);

    public void Dispose() => _other.Dispose();

    [Fact]
    public async Task A_tenant_over_its_read_limit_gets_429_and_other_tenants_can_read()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(run));
        await _other.Create(TestRequests.AgentBody(run));
        using var restricted = await application.CreateClientWithKey(project: RunsApplication.Project);
        using (application.Limits.Reads.Acquire(DevelopmentApiKey.Tenant, TenantLimitsApplication.MaxConcurrentReads / 2))
        {
            foreach (var path in ReadPaths(run))
            {
                AssertTooMany(await application.Client.Get(path));
                Assert.True((await _other.Get(path)).Status is 200 or 404, path);
            }

            AssertTooMany(await application.Client.Post($"{ApiPaths.InputRequests()}/{TestRequests.NewUuid()}/cancel"));
            AssertTooMany(await application.Client.Post($"{ApiPaths.RunInputRequests(run)}/{TestRequests.NewUuid()}/cancel"));
            AssertTooMany(await restricted.Post($"/runs/{run}/cancel"));
            AssertTooMany(await restricted.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run)));
        }

        Assert.Equal(200, (await application.Client.Get($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task Claims_and_renewals_do_not_need_a_permit_for_reads()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();
        using (application.Limits.Reads.Acquire(DevelopmentApiKey.Tenant, TenantLimitsApplication.MaxConcurrentReads / 2))
        {
            var run = await worker.ClaimTask();
            var held = new { runs = new[] { new { run_id = run.RunId, attempt = 1 } } };
            Assert.NotNull(Assert.Single((await worker.Heartbeat(held)).Runs!).LeaseExpiresAt);
            Assert.NotNull((await worker.Renew(run.RunId, new { attempt = 1 })).Run);
        }
    }

    [Fact]
    public async Task A_read_over_the_limit_of_the_process_gets_503()
    {
        using (application.Limits.Reads.Acquire("a", TenantLimitsApplication.MaxConcurrentReads / 2))
        using (application.Limits.Reads.Acquire("b", TenantLimitsApplication.MaxConcurrentReads / 2))
        {
            foreach (var path in ReadPaths("any"))
            {
                var response = await application.Client.Get(path);
                response.AssertProblem(503, "Too many concurrent reads. Nothing was done; retry in a second.");
                response.AssertProblemCode(503, "OVERLOADED");
                Assert.Equal("1", response.Headers["Retry-After"]);
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_response_holds_no_read_permit()
    {
        var id = TestRequests.NewId();
        var moreThanConnectionsBuffer = new { target = "task:t", config = new { a = new string('x', 9_000_000) } };
        await application.Client.Create(TestRequests.TaskBody(id, moreThanConnectionsBuffer));

        using var response = await application.Client.GetAsync($"/runs/{id}", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(TenantLimitsApplication.MaxConcurrentReads, application.Limits.Reads.AvailablePermits);
    }

    [Fact]
    public async Task A_waiting_long_poll_holds_no_read_permit()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        await application.WaitForOpenStreams(0);

        var poll = application.Client.GetRun($"{run}?wait=60");

        await application.WaitForOpenStreams(1);
        await Eventually.Holds(() =>
            Task.FromResult(application.Limits.Reads.AvailablePermits == TenantLimitsApplication.MaxConcurrentReads));
        await application.Client.Cancel(run);
        Assert.Equal("cancelled", (await poll).Status);
    }

    [Fact]
    public async Task Streams_and_long_polls_queue_for_a_read_permit()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        await application.WaitForOpenStreams(0);
        var share = Enumerable.Range(0, TenantLimitsApplication.MaxConcurrentReads / 2)
            .Select(_ => application.Limits.QueuedReads.Acquire(DevelopmentApiKey.Tenant))
            .ToList();

        var stream = application.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead);
        var poll = application.Client.Get($"/runs/{run}?wait=60");
        await application.WaitForOpenStreams(1); // the poll waits for the run
        await application.Client.Cancel(run);
        await Eventually.Holds(async () => (await application.Client.GetRun(run)).Status == "cancelled");

        Assert.False(stream.IsCompleted || poll.IsCompleted);
        share.ForEach(permit => permit.Dispose());
        using var opened = await stream;
        Assert.Equal((200, 200), ((int)opened.StatusCode, (await poll).Status));
    }

    [Fact]
    public async Task A_tenant_over_its_stream_limit_gets_429_and_other_tenants_can_open_streams()
    {
        var (run, others) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(run));
        await _other.Create(TestRequests.TaskBody(others));
        await application.WaitForOpenStreams(0);
        using (var first = await application.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead))
        using (var second = await application.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead))
        {
            AssertTooMany(await application.Client.Get($"/runs/{run}/stream"));
            AssertTooMany(await application.Client.Get($"/runs/{run}?wait=1"));
            using var stream = await _other.GetAsync($"/runs/{others}/stream", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(200, (int)stream.StatusCode);
        }
    }

    [Fact]
    public async Task A_tenant_over_its_snapshot_limit_gets_429_and_other_tenants_get_snapshots()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.AgentBody(run));
        await _other.Create(TestRequests.AgentBody(run));
        using (application.Limits.Snapshots.Acquire(DevelopmentApiKey.Tenant, 4))
        {
            AssertTooMany(await application.Client.Get($"{ApiPaths.ConversationRun(run)}/snapshot"));
            Assert.Equal(200, (await _other.Get($"{ApiPaths.ConversationRun(run)}/snapshot")).Status);
        }
    }

    [Fact]
    public async Task A_tenant_with_unread_large_responses_gets_no_more_and_other_tenants_do()
    {
        var id = TestRequests.NewId();
        var large = TestRequests.TaskBody(id, new { target = "task:t", config = new { a = new string('x', 1_000_000) } });
        await application.Client.Create(large);
        await _other.Create(large);
        using (application.Limits.ResponseMemory.Acquire(DevelopmentApiKey.Tenant, 128 * 1024))
        {
            AssertTooMany(await application.Client.Get($"/runs/{id}"));
            AssertTooMany(await application.Client.Get($"/projects/{RunsApplication.Project}/runs"));
            Assert.Equal(200, (await _other.Get($"/runs/{id}")).Status);
            Assert.Equal(200, (await _other.Get($"/projects/{RunsApplication.Project}/runs")).Status);
        }

        Assert.Equal(200, (await application.Client.Get($"/runs/{id}")).Status);
    }

    // One for each kind of read.
    private static string[] ReadPaths(string run) =>
    [
        $"/runs/{run}",
        $"/runs/{run}?wait=1",
        $"/runs/{run}/children",
        $"/runs/{run}/events",
        $"/projects/{RunsApplication.Project}/runs",
        $"/conversations/{RunsApplication.Conversation}/runs",
        $"/conversations/{RunsApplication.Conversation}/runs/children-by-parent-conversation",
        ApiPaths.ConversationRun(run),
        $"{ApiPaths.ConversationRun(run)}/children",
        $"{ApiPaths.ConversationRun(run)}/events",
        ApiPaths.InputRequests(),
        $"{ApiPaths.InputRequests()}/{TestRequests.NewUuid()}",
        ApiPaths.RunInputRequests(run),
        $"{ApiPaths.RunInputRequests(run)}/{TestRequests.NewUuid()}",
    ];

    private static void AssertTooMany(ApiResponse response)
    {
        response.AssertProblemCode(429, "TOO_MANY_REQUESTS");
        Assert.Equal("1", response.Headers["Retry-After"]);
    }
}
