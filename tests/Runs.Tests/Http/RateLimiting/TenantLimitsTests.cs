namespace Runs.Tests.Http;

/// <summary>
/// The limits of each tenant on commands and request bodies: tenant <c>dev</c> exceeds them, tenant <c>other</c> is
/// served.
/// </summary>
public sealed class TenantLimitsTests(TenantLimitsApplication application) : IClassFixture<TenantLimitsApplication>, IDisposable
{
    private readonly HttpClient _other = application.CreateClient(RunsApplication.OtherKey);

    public void Dispose() => _other.Dispose();

    [Fact]
    public async Task Slow_senders_of_one_tenant_do_not_stop_the_appends_of_another()
    {
        var run = TestRequests.NewId();
        await _other.Create(TestRequests.AgentBody(run));
        var free = application.Limits.BodyMemory.AvailablePermits;
        var senders = await Task.WhenAll(Enumerable.Range(0, 256)
            .Select(_ => application.SendSlowly("/runs/does-not-exist/events", announced: 10_000_000, sent: 400)));
        await Eventually.Succeeds(() =>
        {
            Assert.InRange(application.Limits.BodyMemory.AvailablePermits, 0, free - (256 * 4)); // each body is being read
            return Task.CompletedTask;
        });

        for (var i = 0; i < 8; i++)
        {
            await _other.Append(run, new { events = new[] { new { type = "CUSTOM", value = i } } });
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
        var request = new { target = "task:t", config = new { a = new string('x', 1_000_000) } };
        await _other.Create(TestRequests.TaskBody(request: request));

        Assert.Equal(429, await rejected);
        Assert.InRange(application.Limits.BodyMemory.AvailablePermits, free - (12 * 1024), free);
        senders.ToList().ForEach(sender => sender.Dispose());
        await application.WaitForReleasedBodies();
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_response_holds_no_command_permit()
    {
        var id = TestRequests.NewId();
        var body = $$$"""
            {"kind":"task","public_id":"{{{id}}}","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},
             "request":{"target":"task:t","config":{"a":"{{{new string('x', 5_000_000)}}}"} } }
            """;
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

    private static void AssertTooMany(ApiResponse response)
    {
        response.AssertProblemCode(429, "TOO_MANY_REQUESTS");
        Assert.Equal("1", response.Headers["Retry-After"]);
    }
}
