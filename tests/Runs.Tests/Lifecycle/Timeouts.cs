using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <summary>What happens to runs by themselves, at the time that it has to. The hours pass at once.</summary>
public sealed class Timeouts : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-timeouts-");
    private ClockStack _stack = null!;

    public Task InitializeAsync() => Start();

    public async Task DisposeAsync()
    {
        await _stack.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private async Task Start(string timerInterval = "00:00:01")
    {
        _stack = new ClockStack(_clock, _data, timerInterval);
        await _stack.InitializeAsync();
    }

    [Fact]
    public async Task A_run_fails_within_two_seconds_of_its_time_and_not_before()
    {
        var (early, late) = (await Started(timeoutSeconds: 599), await Started(timeoutSeconds: 600));

        _clock.Advance(TimeSpan.FromSeconds(599.5));
        await FailsAs(early, "TIMEOUT");
        Assert.Equal("running", await StatusOf(late));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await FailsAs(late, "TIMEOUT");

        var run = (await _stack.Client.Read($"/runs/{late}")).Body;
        Assert.Equal("The run took longer than its 600 seconds.", run.GetProperty("error").GetProperty("message").GetString());
        Assert.InRange(run.GetProperty("duration_ms").GetInt64(), 600_000, 602_000);
        Assert.Equal(1, run.GetProperty("exit_code").GetInt32());
        var last = (await _stack.Client.Read($"/runs/{late}/events"))["data"].EnumerateArray().Last().GetProperty("payload");
        Assert.Equal(("RUN_ERROR", "TIMEOUT"), (last.GetProperty("type").GetString(), last.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_run_fails_at_its_time_although_the_process_that_started_it_is_gone()
    {
        var run = await Started(timeoutSeconds: 3600);
        await _stack.DisposeAsync();

        _clock.Advance(TimeSpan.FromHours(2));
        await Start();

        await FailsAs(run, "TIMEOUT");
    }

    [Fact]
    public async Task A_wait_does_not_use_up_the_time_of_the_run()
    {
        var (run, other) = (await Started(timeoutSeconds: 60), await Started(timeoutSeconds: 90));
        await _stack.Client.Post($"/runs/{run}/wait", new { reason = "tool", tool_call_id = "call_1" });

        _clock.Advance(TimeSpan.FromHours(1));
        await FailsAs(other, "TIMEOUT");
        Assert.Equal("waiting", await StatusOf(run));
        await _stack.Client.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call_1", result = 1 });
        _clock.Advance(TimeSpan.FromSeconds(61));

        await FailsAs(run, "TIMEOUT");
    }

    [Fact]
    public async Task A_wait_fails_the_run_when_its_time_is_up()
    {
        var run = await Started(timeoutSeconds: null);
        await _stack.Client.Post($"/runs/{run}/wait", new { reason = "approval", expires_at = UtcMilliseconds.Text(_clock.GetUtcNow().AddHours(3)) });

        _clock.Advance(TimeSpan.FromHours(3) + TimeSpan.FromSeconds(1));

        await FailsAs(run, "WAIT_EXPIRED");
    }

    [Fact]
    public async Task A_reserved_run_that_is_never_started_expires_after_a_day_and_a_started_one_does_not()
    {
        await _stack.DisposeAsync();
        await Start(timerInterval: "00:01:00");
        var (reserved, started) = (Calls.NewId(), Calls.NewId());
        await _stack.Client.Create(Calls.Agent(reserved, new { agent_id = "writer" }));
        await _stack.Client.Create(Calls.Agent(started, new { agent_id = "writer" }));
        await _stack.Client.Create(Calls.Agent(started, new { agent_id = "writer", input = new { } }));

        _clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1));

        await FailsAs(reserved, "RESERVATION_EXPIRED");
        Assert.Equal("pending", await StatusOf(started));
    }

    private async Task<string> Started(int? timeoutSeconds)
    {
        var run = Calls.NewId();
        await _stack.Client.Create(Calls.Task(run, new { target = "task:t", timeout_seconds = timeoutSeconds }));
        await _stack.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""");
        Assert.Equal("running", await StatusOf(run));
        return run;
    }

    private Task FailsAs(string run, string code) => Eventually.Succeeds(async () =>
    {
        var found = await _stack.Client.Read($"/runs/{run}");
        Assert.Equal("failed", found["status"].GetString());
        Assert.Equal(code, found["error"].GetProperty("code").GetString());
    });

    private async Task<string?> StatusOf(string run) => (await _stack.Client.Read($"/runs/{run}"))["status"].GetString();

    /// <summary>The embedded default under a clock that is set by hand, with the data of an earlier process.</summary>
    private sealed class ClockStack(TimeProvider clock, DirectoryInfo data, string timerInterval) : Stack
    {
        protected override Task<Dictionary<string, string?>> Settings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["Embedded:DataDirectory"] = data.FullName,
            ["Lifecycle:TimerInterval"] = timerInterval,
            // The clock stops at every tick on its way: the fewer, the sooner it is there.
            ["Lifecycle:RelayInterval"] = "00:10:00",
            ["Api:CatchUpInterval"] = "00:01:00",
        });

        protected override void Adjust(WebApplicationBuilder builder) => builder.Services.AddSingleton(clock);
    }
}
