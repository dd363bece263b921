using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Lifecycle;

/// <summary>Timeouts and expiries, with a clock that a test advances.</summary>
public sealed class RunTimeoutTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-timeouts-");
    private FakeClockApplication _application = null!;

    public Task InitializeAsync() => Start();

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private async Task Start(string timerInterval = "00:00:01")
    {
        _application = new FakeClockApplication(_clock, _data, timerInterval);
        await _application.InitializeAsync();
    }

    [Fact]
    public async Task A_run_fails_within_two_seconds_after_its_timeout()
    {
        var (early, late) = (await CreateStartedRun(timeoutSeconds: 599), await CreateStartedRun(timeoutSeconds: 600));

        _clock.Advance(TimeSpan.FromSeconds(599.5));
        await AssertFails(early, "TIMEOUT");
        Assert.Equal("running", await GetStatus(late));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await AssertFails(late, "TIMEOUT");

        var run = await _application.Client.GetRun(late);
        Assert.Equal("The run took longer than its 600 seconds.", run.Error!.Message);
        Assert.InRange(run.DurationMs!.Value, 600_000, 602_000);
        Assert.Equal(1, run.ExitCode);
        var last = (await _application.Client.ListEvents(late)).Data[^1].Payload;
        Assert.Equal(("RUN_ERROR", "TIMEOUT"), (last.GetProperty("type").GetString(), last.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_run_times_out_after_a_restart_of_the_process()
    {
        var run = await CreateStartedRun(timeoutSeconds: 3600);
        await _application.DisposeAsync();

        _clock.Advance(TimeSpan.FromHours(2));
        await Start();

        await AssertFails(run, "TIMEOUT");
    }

    [Fact]
    public async Task Waiting_does_not_count_towards_the_run_timeout()
    {
        var (run, other) = (await CreateStartedRun(timeoutSeconds: 60), await CreateStartedRun(timeoutSeconds: 90));
        await _application.Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        _clock.Advance(TimeSpan.FromHours(1));
        await AssertFails(other, "TIMEOUT");
        Assert.Equal("waiting", await GetStatus(run));
        await _application.Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call_1", result = 1 });
        _clock.Advance(TimeSpan.FromSeconds(61));

        await AssertFails(run, "TIMEOUT");
    }

    [Fact]
    public async Task An_expired_wait_fails_the_run()
    {
        var run = await CreateStartedRun(timeoutSeconds: null);
        var expiry = _clock.GetUtcNow().AddHours(3);
        await _application.Client.Post($"/runs/{run}/wait", new { reason = "approval", expires_at = expiry });

        _clock.Advance(TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));

        await AssertFails(run, "WAIT_EXPIRED");
    }

    [Fact]
    public async Task A_reserved_run_expires_after_a_day_unless_it_was_started()
    {
        await _application.DisposeAsync();
        await Start(timerInterval: "00:01:00");
        var (reserved, started) = (TestRequests.NewId(), TestRequests.NewId());
        await _application.Client.Create(TestRequests.AgentBody(reserved, new { agent_id = "writer" }));
        await _application.Client.Create(TestRequests.AgentBody(started, new { agent_id = "writer" }));
        await _application.Client.Create(TestRequests.AgentBody(started, new { agent_id = "writer", input = new { } }));

        _clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1));

        await AssertFails(reserved, "RESERVATION_EXPIRED");
        Assert.Equal("pending", await GetStatus(started));
    }

    private async Task<string> CreateStartedRun(int? timeoutSeconds)
    {
        var run = TestRequests.NewId();
        await _application.Client.Create(TestRequests.TaskBody(run, new { target = "task:t", timeout_seconds = timeoutSeconds }));
        await _application.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""");
        Assert.Equal("running", await GetStatus(run));
        return run;
    }

    private Task AssertFails(string run, string code) => Eventually.Succeeds(async () =>
    {
        var found = await _application.Client.GetRun(run);
        Assert.Equal(("failed", code), (found.Status, found.Error?.Code));
    });

    private async Task<string> GetStatus(string run) => (await _application.Client.GetRun(run)).Status;

    /// <summary>The embedded default with a clock that a test advances, and the data of an earlier process.</summary>
    private sealed class FakeClockApplication(TimeProvider clock, DirectoryInfo data, string timerInterval) : RunsApplication
    {
        protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["Sqlite:DataDirectory"] = data.FullName,
            ["Lifecycle:DueRunPollingInterval"] = timerInterval,

            // Advancing the clock fires every timer in between: long intervals keep the test fast.
            ["Lifecycle:OutboxPollingInterval"] = "00:10:00",
            ["Api:ChangePollingInterval"] = "00:01:00",
        });

        protected override void ConfigureBuilder(WebApplicationBuilder builder) => builder.Services.AddSingleton(clock);
    }
}
