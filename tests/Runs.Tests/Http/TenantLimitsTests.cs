namespace Runs.Tests.Http;

/// <summary>What one tenant does costs another no request. Tenant <c>dev</c> floods; tenant <c>other</c> is served.</summary>
public sealed class TenantLimitsTests(TenantLimitsApplication application) : IClassFixture<TenantLimitsApplication>, IDisposable
{
    private readonly HttpClient _other = application.CreateClient(TenantLimitsApplication.OtherKey);

    public void Dispose() => _other.Dispose();

    [Fact]
    public async Task Slow_senders_of_one_tenant_do_not_stop_the_appends_of_another()
    {
        var run = TestRequests.NewId();
        await _other.Create(TestRequests.AgentBody(run));
        var free = application.Limits.BodyMemory.AvailablePermits;
        var senders = await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => application.SendSlowly("/runs/does-not-exist/events", announced: 10_000_000, sent: 400)));
        await Eventually.Succeeds(() =>
        {
            Assert.InRange(application.Limits.BodyMemory.AvailablePermits, 0, free - (256 * 4)); // each is being read
            return Task.CompletedTask;
        });

        for (var i = 0; i < 8; i++)
        {
            var answer = await _other.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = i } } });
            Assert.True(answer.Status == 200, answer.ToString());
        }

        senders.ToList().ForEach(sender => sender.Dispose());
        await application.WaitForReleasedBodies();
    }

    [Fact]
    public async Task Slow_bodies_use_no_more_than_the_body_memory_of_their_tenant()
    {
        const int Sent = 4_000_000;
        var free = application.Limits.BodyMemory.AvailablePermits;
        var senders = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => application.SendSlowly("/runs", announced: 9_900_000, Sent)));

        var rejected = await Task.WhenAny(senders.Select(sender => sender.ReadStatus()));
        var accepted = await _other.Post("/runs", TestRequests.TaskBody(request: new { target = "task:t", config = new { a = new string('x', 1_000_000) } }));

        Assert.Equal(429, await rejected);
        Assert.True(accepted.Status == 202, accepted.ToString());
        Assert.InRange(application.Limits.BodyMemory.AvailablePermits, free - (12 * 1024), free);
        senders.ToList().ForEach(sender => sender.Dispose());
        await application.WaitForReleasedBodies();
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_response_holds_no_command_permit()
    {
        var id = TestRequests.NewId();
        var body = $$$"""{"kind":"task","public_id":"{{{id}}}","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},"request":{"target":"task:t","config":{"a":"{{{new string('x', 5_000_000)}}}"} } }""";
        using var sender = await application.SendSlowly("/runs", body.Length, sent: 1);

        await sender.Write(body[1..]);

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        await Eventually.Succeeds(() =>
        {
            Assert.Equal(TenantLimitsApplication.MaxConcurrentCommands, application.Limits.Commands.AvailablePermits);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_tenant_over_its_command_limit_gets_429_before_its_body_is_read()
    {
        using (application.Limits.Commands.Acquire(DevelopmentApiKey.Tenant, TenantLimitsApplication.MaxConcurrentCommands / 2))
        {
            AssertTooMany(await application.Client.Post("/runs", "no JSON"));
            await _other.Create(TestRequests.TaskBody());
        }

        await application.Client.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task A_tenant_over_its_append_limit_gets_429()
    {
        using (application.Limits.Appends.Acquire(DevelopmentApiKey.Tenant, TenantLimitsApplication.MaxConcurrentCommands / 2))
        {
            AssertTooMany(await application.Client.Post("/runs/any/events", "no JSON"));
            (await _other.Post("/runs/any/events", "no JSON")).AssertProblem(400);
        }
    }

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

            AssertTooMany(await application.Client.Post($"/conversations/{RunsApplication.Conversation}/input-requests/{RunsApplication.Project}/cancel"));
            AssertTooMany(await restricted.Post($"/runs/{run}/cancel"));
            AssertTooMany(await restricted.Post("/runs", TestRequests.TaskBody().With("parent_run_id", run)));
        }

        Assert.Equal(200, (await application.Client.Get($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task A_read_over_the_limit_of_the_process_gets_503()
    {
        using (application.Limits.Reads.Acquire("a", TenantLimitsApplication.MaxConcurrentReads / 2))
        using (application.Limits.Reads.Acquire("b", TenantLimitsApplication.MaxConcurrentReads / 2))
        {
            foreach (var path in ReadPaths("any"))
            {
                var answer = await application.Client.Get(path);
                answer.AssertProblem(503, "Too many concurrent reads. Nothing was done; retry in a second.");
                Assert.Equal(("OVERLOADED", "1"), (answer["code"].GetString(), answer.Headers["Retry-After"]));
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_response_holds_no_read_permit()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id, new { target = "task:t", config = new { a = new string('x', 9_000_000) } })); // more than connections buffer

        using var answer = await application.Client.GetAsync($"/runs/{id}", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((200, TenantLimitsApplication.MaxConcurrentReads), ((int)answer.StatusCode, application.Limits.Reads.AvailablePermits));
    }

    [Fact]
    public async Task A_waiting_long_poll_holds_no_read_permit()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        await application.WaitForOpenStreams(0);

        var poll = application.Client.Get($"/runs/{run}?wait=60");

        await application.WaitForOpenStreams(1);
        await Eventually.Holds(() => Task.FromResult(application.Limits.Reads.AvailablePermits == TenantLimitsApplication.MaxConcurrentReads));
        await application.Client.Post($"/runs/{run}/cancel");
        Assert.Equal("cancelled", (await poll)["status"].GetString());
    }

    [Fact]
    public async Task Streams_and_long_polls_queue_for_a_read_permit()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        await application.WaitForOpenStreams(0);
        var share = Enumerable.Range(0, TenantLimitsApplication.MaxConcurrentReads / 2).Select(_ => application.Limits.SubscriberReads.Acquire(DevelopmentApiKey.Tenant)).ToList();

        var stream = application.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead);
        var poll = application.Client.Get($"/runs/{run}?wait=60");
        await application.WaitForOpenStreams(1); // the poll waits for the run
        await application.Client.Post($"/runs/{run}/cancel");
        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{run}"))["status"].GetString() == "cancelled");

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
            AssertTooMany(await application.Client.Get($"/conversations/{RunsApplication.Conversation}/runs/{run}/snapshot"));
            Assert.Equal(200, (await _other.Get($"/conversations/{RunsApplication.Conversation}/runs/{run}/snapshot")).Status);
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

    // One of each kind.
    private static string[] ReadPaths(string run) =>
    [
        $"/runs/{run}", $"/runs/{run}?wait=1", $"/runs/{run}/children", $"/runs/{run}/events", $"/projects/{RunsApplication.Project}/runs",
        $"/conversations/{RunsApplication.Conversation}/runs", $"/conversations/{RunsApplication.Conversation}/runs/children-by-parent-conversation",
        $"/conversations/{RunsApplication.Conversation}/runs/{run}", $"/conversations/{RunsApplication.Conversation}/runs/{run}/children",
        $"/conversations/{RunsApplication.Conversation}/runs/{run}/events", $"/conversations/{RunsApplication.Conversation}/input-requests",
        $"/conversations/{RunsApplication.Conversation}/input-requests/{RunsApplication.Project}",
    ];

    private static void AssertTooMany(ApiResponse answer)
    {
        answer.AssertProblem(429);
        Assert.Equal("TOO_MANY_REQUESTS", answer["code"].GetString());
        Assert.Equal("1", answer.Headers["Retry-After"]);
    }
}

/// <summary>A server with small limits and two tenants.</summary>
public sealed class TenantLimitsApplication : EmbeddedApplication
{
    public const string OtherKey = "vf_other_s_e_cret";
    public const int MaxConcurrentCommands = 64;
    public const int MaxConcurrentReads = 8;
    public const int MaxConcurrentStreams = 4;

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings())
    {
        ["Api:MaxConcurrentCommands"] = $"{MaxConcurrentCommands}",
        ["Api:MaxConcurrentReads"] = $"{MaxConcurrentReads}",
        ["Api:MaxConcurrentStreams"] = $"{MaxConcurrentStreams}",
        ["Api:MaxBodyMemoryMegabytes"] = "16",
    };

    internal Task<SlowSender> SendSlowly(string path, int announced, int sent) => SlowSender.Send(Client.BaseAddress!, DevelopmentApiKey.Key, path, announced, sent);

    /// <summary>Those of an earlier test may still be closing.</summary>
    public Task WaitForOpenStreams(int count) => Eventually.Succeeds(() =>
    {
        Assert.Equal(MaxConcurrentStreams - count, Limits.Streams.AvailablePermits);
        return Task.CompletedTask;
    });

    public Task WaitForReleasedBodies() => Eventually.Succeeds(() =>
    {
        Assert.Equal(16 * 1024, Limits.BodyMemory.AvailablePermits);
        return Task.CompletedTask;
    });
}
