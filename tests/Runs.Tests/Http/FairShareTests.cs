using Runs.Api;

namespace Runs.Tests.Http;

/// <summary>What one tenant does costs another no request. Tenant <c>dev</c> floods; tenant <c>other</c> is served.</summary>
public sealed class FairShareTests(SharedStack stack) : IClassFixture<SharedStack>, IDisposable
{
    private readonly HttpClient _other = stack.Caller(SharedStack.OtherKey);

    public void Dispose() => _other.Dispose();

    [Fact]
    public async Task Slow_senders_of_one_tenant_do_not_stop_the_appends_of_another()
    {
        var run = Calls.NewId();
        await _other.Create(Calls.Agent(run));
        var free = stack.Limits.BodyMemory.Available;
        var senders = await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => stack.Send("/runs/does-not-exist/events", announced: 10_000_000, sent: 400)));
        await Eventually.Succeeds(() =>
        {
            Assert.InRange(stack.Limits.BodyMemory.Available, 0, free - (256 * 4)); // each is being read
            return Task.CompletedTask;
        });

        for (var i = 0; i < 8; i++)
        {
            var answer = await _other.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = i } } });
            Assert.True(answer.Status == 200, answer.ToString());
        }

        senders.ToList().ForEach(sender => sender.Dispose());
        await stack.BodiesAreReleased();
    }

    [Fact]
    public async Task Bodies_that_do_not_arrive_use_no_more_memory_than_the_share_of_their_tenant()
    {
        const int Sent = 4_000_000;
        var free = stack.Limits.BodyMemory.Available;
        var senders = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => stack.Send("/runs", announced: 9_900_000, Sent)));

        var rejected = await Task.WhenAny(senders.Select(sender => sender.Status()));
        var accepted = await _other.Post("/runs", Calls.Task(request: new { target = "task:t", config = new { a = new string('x', 1_000_000) } }));

        Assert.Equal(429, await rejected);
        Assert.True(accepted.Status == 202, accepted.ToString());
        Assert.InRange(stack.Limits.BodyMemory.Available, free - (12 * 1024), free);
        senders.ToList().ForEach(sender => sender.Dispose());
        await stack.BodiesAreReleased();
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_holds_no_permit()
    {
        var id = Calls.NewId();
        var body = $$$"""{"kind":"task","public_id":"{{{id}}}","owner":{"kind":"project","id":"{{{Stack.Project}}}"},"request":{"target":"task:t","config":{"a":"{{{new string('x', 5_000_000)}}}"} } }""";
        using var sender = await stack.Send("/runs", body.Length, sent: 1);

        await sender.Write(body[1..]);

        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}")).Status == 200);
        await Eventually.Succeeds(() =>
        {
            Assert.Equal(SharedStack.MaxConcurrentCommands, stack.Limits.Commands.Available);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_tenant_that_uses_up_its_share_of_commands_is_answered_429_before_its_body_is_read()
    {
        using (stack.Limits.Commands.Acquire(DevelopmentKey.Tenant, SharedStack.MaxConcurrentCommands / 2))
        {
            AssertTooMany(await stack.Client.Post("/runs", "no JSON"));
            await _other.Create(Calls.Task());
        }

        await stack.Client.Create(Calls.Task());
    }

    [Fact]
    public async Task A_tenant_that_uses_up_its_share_of_appends_is_answered_429()
    {
        using (stack.Limits.Appends.Acquire(DevelopmentKey.Tenant, SharedStack.MaxConcurrentCommands / 2))
        {
            AssertTooMany(await stack.Client.Post("/runs/any/events", "no JSON"));
            (await _other.Post("/runs/any/events", "no JSON")).IsProblem(400);
        }
    }

    [Fact]
    public async Task A_tenant_that_uses_up_its_share_of_reads_is_answered_429_and_another_reads()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Agent(run));
        await _other.Create(Calls.Agent(run));
        using var restricted = await stack.CallerWith(project: Stack.Project);
        using (stack.Limits.Reads.Acquire(DevelopmentKey.Tenant, SharedStack.MaxConcurrentReads / 2))
        {
            foreach (var path in Reads(run))
            {
                AssertTooMany(await stack.Client.Read(path));
                Assert.True((await _other.Read(path)).Status is 200 or 404, path);
            }

            AssertTooMany(await stack.Client.Post($"/conversations/{Stack.Conversation}/input-requests/{Stack.Project}/cancel"));
            AssertTooMany(await restricted.Post($"/runs/{run}/cancel"));
            AssertTooMany(await restricted.Post("/runs", Calls.Task().With("parent_run_id", run)));
        }

        Assert.Equal(200, (await stack.Client.Read($"/runs/{run}")).Status);
    }

    [Fact]
    public async Task A_read_is_answered_503_while_the_process_has_all_its_reads_under_way()
    {
        using (stack.Limits.Reads.Acquire("a", SharedStack.MaxConcurrentReads / 2))
        using (stack.Limits.Reads.Acquire("b", SharedStack.MaxConcurrentReads / 2))
        {
            foreach (var path in Reads("any"))
            {
                var answer = await stack.Client.Read(path);
                answer.IsProblem(503, "Too many reads are under way. Nothing was done; ask again in a second.");
                Assert.Equal(("OVERLOADED", "1"), (answer["code"].GetString(), answer.Headers["Retry-After"]));
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_holds_no_permit_for_reads()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id, new { target = "task:t", config = new { a = new string('x', 9_000_000) } })); // more than connections buffer

        using var answer = await stack.Client.GetAsync($"/runs/{id}", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal((200, SharedStack.MaxConcurrentReads), ((int)answer.StatusCode, stack.Limits.Reads.Available));
    }

    [Fact]
    public async Task A_long_poll_holds_no_permit_for_reads_while_it_waits()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        await stack.StreamsAreOpen(0);

        var poll = stack.Client.Read($"/runs/{run}?wait=60");

        await stack.StreamsAreOpen(1);
        await Eventually.Holds(() => Task.FromResult(stack.Limits.Reads.Available == SharedStack.MaxConcurrentReads));
        await stack.Client.Post($"/runs/{run}/cancel");
        Assert.Equal("cancelled", (await poll)["status"].GetString());
    }

    [Fact]
    public async Task Streams_and_waiting_long_polls_queue_for_their_read()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        await stack.StreamsAreOpen(0);
        var share = Enumerable.Range(0, SharedStack.MaxConcurrentReads / 2).Select(_ => stack.Limits.FollowerReads.Acquire(DevelopmentKey.Tenant)).ToList();

        var stream = stack.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead);
        var poll = stack.Client.Read($"/runs/{run}?wait=60");
        await stack.StreamsAreOpen(1); // the poll waits for the run
        await stack.Client.Post($"/runs/{run}/cancel");
        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{run}"))["status"].GetString() == "cancelled");

        Assert.False(stream.IsCompleted || poll.IsCompleted);
        share.ForEach(permit => permit.Dispose());
        using var opened = await stream;
        Assert.Equal((200, 200), ((int)opened.StatusCode, (await poll).Status));
    }

    [Fact]
    public async Task A_tenant_that_has_all_its_streams_open_is_answered_429_and_another_gets_one()
    {
        var (run, others) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(run));
        await _other.Create(Calls.Task(others));
        await stack.StreamsAreOpen(0);
        using (var first = await stack.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead))
        using (var second = await stack.Client.GetAsync($"/runs/{run}/stream", HttpCompletionOption.ResponseHeadersRead))
        {
            AssertTooMany(await stack.Client.Read($"/runs/{run}/stream"));
            AssertTooMany(await stack.Client.Read($"/runs/{run}?wait=1"));
            using var stream = await _other.GetAsync($"/runs/{others}/stream", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(200, (int)stream.StatusCode);
        }
    }

    [Fact]
    public async Task A_tenant_that_makes_all_its_snapshots_is_answered_429_and_another_gets_one()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Agent(run));
        await _other.Create(Calls.Agent(run));
        using (stack.Limits.Snapshots.Acquire(DevelopmentKey.Tenant, 4))
        {
            AssertTooMany(await stack.Client.Read($"/conversations/{Stack.Conversation}/runs/{run}/snapshot"));
            Assert.Equal(200, (await _other.Read($"/conversations/{Stack.Conversation}/runs/{run}/snapshot")).Status);
        }
    }

    [Fact]
    public async Task A_tenant_whose_clients_do_not_take_large_answers_gets_no_more_of_them_and_another_does()
    {
        var id = Calls.NewId();
        var large = Calls.Task(id, new { target = "task:t", config = new { a = new string('x', 1_000_000) } });
        await stack.Client.Create(large);
        await _other.Create(large);
        using (stack.Limits.ResponseMemory.Acquire(DevelopmentKey.Tenant, 128 * 1024))
        {
            AssertTooMany(await stack.Client.Read($"/runs/{id}"));
            AssertTooMany(await stack.Client.Read($"/projects/{Stack.Project}/runs"));
            Assert.Equal(200, (await _other.Read($"/runs/{id}")).Status);
            Assert.Equal(200, (await _other.Read($"/projects/{Stack.Project}/runs")).Status);
        }

        Assert.Equal(200, (await stack.Client.Read($"/runs/{id}")).Status);
    }

    // One of each kind.
    private static string[] Reads(string run) =>
    [
        $"/runs/{run}", $"/runs/{run}?wait=1", $"/runs/{run}/children", $"/runs/{run}/events", $"/projects/{Stack.Project}/runs",
        $"/conversations/{Stack.Conversation}/runs", $"/conversations/{Stack.Conversation}/runs/children-by-parent-conversation",
        $"/conversations/{Stack.Conversation}/runs/{run}", $"/conversations/{Stack.Conversation}/runs/{run}/children",
        $"/conversations/{Stack.Conversation}/runs/{run}/events", $"/conversations/{Stack.Conversation}/input-requests",
        $"/conversations/{Stack.Conversation}/input-requests/{Stack.Project}",
    ];

    private static void AssertTooMany(Answer answer)
    {
        answer.IsProblem(429);
        Assert.Equal("TOO_MANY_REQUESTS", answer["code"].GetString());
        Assert.Equal("1", answer.Headers["Retry-After"]);
    }
}

/// <summary>A server with small limits and two tenants.</summary>
public sealed class SharedStack : EmbeddedStack
{
    public const string OtherKey = "vf_other_s_e_cret";
    public const int MaxConcurrentCommands = 64;
    public const int MaxConcurrentReads = 8;
    public const int MaxConcurrentStreams = 4;

    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings())
    {
        ["Api:MaxConcurrentCommands"] = $"{MaxConcurrentCommands}",
        ["Api:MaxConcurrentReads"] = $"{MaxConcurrentReads}",
        ["Api:MaxConcurrentStreams"] = $"{MaxConcurrentStreams}",
        ["Api:MaxBodyMemoryMegabytes"] = "16",
    };

    internal Task<SlowSender> Send(string path, int announced, int sent) => SlowSender.Send(Client.BaseAddress!, DevelopmentKey.Text, path, announced, sent);

    /// <summary>Those of an earlier test may still be closing.</summary>
    public Task StreamsAreOpen(int count) => Eventually.Succeeds(() =>
    {
        Assert.Equal(MaxConcurrentStreams - count, Limits.Streams.Available);
        return Task.CompletedTask;
    });

    public Task BodiesAreReleased() => Eventually.Succeeds(() =>
    {
        Assert.Equal(16 * 1024, Limits.BodyMemory.Available);
        return Task.CompletedTask;
    });
}
