using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Runs.Store;

namespace Runs.Tests.Observability;

/// <summary>What a server measures of requests, commands and runs.</summary>
public sealed class MetricsTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>, IDisposable
{
    private readonly Measurements _measurements = new(application.Services.GetRequiredService<IMeterFactory>());

    private HttpClient Client => application.Client;

    public void Dispose() => _measurements.Dispose();

    [Fact]
    public async Task A_create_is_counted_by_its_outcome()
    {
        var body = TestRequests.TaskBody(TestRequests.NewId());

        await Client.Create(body);
        await Client.Post("/runs", body);
        await Client.Post("/runs", TestRequests.TaskBody(TestRequests.NewId()).With("parent_run_id", "none"));

        await AssertCounted("runs.creates", "code=none kind=task outcome=new queue=commands");
        await AssertCounted("runs.creates", "code=none kind=task outcome=duplicate queue=commands");
        await AssertCounted("runs.creates", "code=PARENT_NOT_FOUND kind=task outcome=rejected queue=commands");
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("saga")]
    [InlineData("store")]
    [InlineData("total")]
    public async Task The_hops_of_a_create_are_measured(string hop)
    {
        await Client.Create(TestRequests.TaskBody(TestRequests.NewId()));

        Assert.All(_measurements.Get("runs.create.duration", $"hop={hop}"), seconds => Assert.InRange(seconds, 0, 10));
        Assert.NotEmpty(_measurements.Get("runs.create.duration", $"hop={hop}"));
    }

    [Fact]
    public async Task The_life_of_a_run_is_measured()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run));
        await Client.Post($"/runs/{run}/events", EventBodies.Append(EventBodies.Text("a")));
        await Client.Post($"/runs/{run}/complete", """{"status":"failed","terminal_error_code":"MINE","terminal_error_message":"m"}""");

        await AssertCounted("runs.transitions", "from=new kind=task to=pending");
        await AssertCounted("runs.transitions", "from=pending kind=task to=running");
        await AssertCounted("runs.transitions", "from=running kind=task to=failed");
        await AssertCounted("runs.failures", "code=other kind=task");
        await AssertCounted("runs.run.wait", "kind=task", isCount: false);
        await AssertCounted("runs.run.duration", "kind=task outcome=failed", isCount: false);
        await AssertCounted("runs.message.wait", "command=complete queue=commands", isCount: false);
        await AssertCounted("runs.outbox.sent", "outcome=sent type=RunFinished");
        await AssertCounted("runs.outbox.delay", "type=RunFinished", isCount: false);
    }

    [Fact]
    public async Task Commands_and_appends_are_measured_by_their_outcome()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run));
        var append = EventBodies.Append(EventBodies.Text("a"));
        await Client.Post($"/runs/{run}/events", append);
        await Client.Post($"/runs/{run}/events", append);
        await Client.Post($"/runs/{run}/cancel");
        await Client.Post($"/runs/{run}/cancel");
        await Client.Post("/runs/run_missing/cancel");
        await Client.Post($"/runs/{run}/events", EventBodies.Append(EventBodies.Text("b")));

        await AssertCounted("runs.command.duration", "command=create outcome=changed", isCount: false);
        await AssertCounted("runs.command.duration", "command=cancel outcome=changed", isCount: false);
        await AssertCounted("runs.command.duration", "command=cancel outcome=unchanged", isCount: false);
        await AssertCounted("runs.command.duration", "command=cancel outcome=rejected", isCount: false);
        await AssertCounted("runs.append.duration", "outcome=appended", isCount: false);
        await AssertCounted("runs.append.duration", "outcome=rejected", isCount: false);
    }

    [Fact]
    public async Task The_lag_of_timers_is_measured()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run, new { target = "task:t", timeout_seconds = 1 }));
        await Client.Post($"/runs/{run}/events", EventBodies.Append(EventBodies.Text("a")));

        await AssertCounted("runs.timer.lag", "", isCount: false);
    }

    [Fact]
    public async Task Claims_renewals_and_the_ends_of_attempts_are_measured()
    {
        using var worker = await TestWorker.Register(application);
        var run = await worker.CreateTask(new { target = "task:t", backoff_limit = 1 });
        await worker.ClaimTask();
        await worker.Renew(run, new { attempt = 1 });
        await worker.Client.Complete(run, new { status = "failed", attempt = 1, retry_after_seconds = 0 });
        var waiting = worker.Claim(new { headless = true, wait_seconds = 30 });
        await waiting;
        await worker.Client.Complete(run, new { status = "completed", attempt = 2 });

        await AssertCounted("runs.claims", "outcome=claimed");
        await AssertCounted("runs.lease.renewals", "");
        await AssertCounted("runs.attempts", "kind=task outcome=failed");
        await AssertCounted("runs.attempts", "kind=task outcome=completed");
        await AssertCounted("runs.subscribers", "form=claim");
    }

    [Fact]
    public void Permits_are_reported_by_kind()
    {
        using (application.Limits.Commands.Acquire("acme"))
        {
            _measurements.Observe();
        }

        Assert.Equal([512], _measurements.Get("runs.permits.limit", "permit=command"));
        Assert.Equal([1], _measurements.Get("runs.permits.used", "permit=command"));
    }

    [Fact]
    public void A_request_above_a_limit_is_counted_with_the_reason()
    {
        using var share = application.Limits.Snapshots.Acquire("acme", 4);
        application.Limits.Snapshots.Acquire("acme").Dispose();
        using var rest = application.Limits.Snapshots.Acquire("other", 4);
        application.Limits.Snapshots.Acquire("third").Dispose();

        Assert.Equal([1], _measurements.Get("runs.rejections", "permit=snapshot reason=tenant_share"));
        Assert.Equal([1], _measurements.Get("runs.rejections", "permit=snapshot reason=full"));
    }

    [Fact]
    public async Task Open_streams_and_long_polls_are_counted()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run));

        var stream = await Client.GetStreamAsync($"/runs/{run}/stream");
        var poll = Client.Get($"/runs/{run}?wait=30");
        await AssertCounted("runs.subscribers", "form=stream");
        await AssertCounted("runs.subscribers", "form=poll");
        await Client.Post($"/runs/{run}/cancel");
        await poll;
        await stream.DisposeAsync();

        await Eventually.Holds(() => Task.FromResult(CountSubscribers("stream") == 0 && CountSubscribers("poll") == 0));
    }

    [Fact]
    public void The_connections_to_store_and_broker_are_reported()
    {
        _measurements.Observe();

        Assert.Equal([1], _measurements.Get("runs.store.available"));
        Assert.Equal([0], _measurements.Get("runs.broker.blocked"));
    }

    [Fact]
    public async Task The_calls_of_the_store_are_measured_by_method_and_outcome()
    {
        await Client.Create(TestRequests.TaskBody());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => application.Store.Ping(new CancellationToken(canceled: true)));

        Assert.NotEmpty(_measurements.Get("runs.store.duration", "operation=TryInsert outcome=ok"));
        Assert.NotEmpty(_measurements.Get("runs.store.duration", "operation=Ping outcome=cancelled"));
    }

    [Fact]
    public async Task Metrics_have_no_attribute_that_is_not_listed()
    {
        await A_create_is_counted_by_its_outcome();
        await The_life_of_a_run_is_measured();
        A_request_above_a_limit_is_counted_with_the_reason();
        _measurements.Observe();

        Assert.Empty(_measurements.All.SelectMany(measured => measured.AttributeNames).Except(TelemetryAttributes.OfMetrics));
    }

    private double CountSubscribers(string form) => _measurements.Get("runs.subscribers", $"form={form}").Sum();

    // A reply may arrive before the saga has recorded it.
    private Task AssertCounted(string instrument, string attributes, bool isCount = true) => Eventually.Succeeds(() =>
    {
        var measured = _measurements.Get(instrument, attributes);
        Assert.NotEmpty(measured);
        Assert.All(measured, value => Assert.True(isCount ? value == 1 || instrument == "runs.subscribers" : value >= 0));
        return Task.CompletedTask;
    });
}
