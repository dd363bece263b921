using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Client.Tests;

/// <summary>What is retried, how, and what the exception says at the end. Time is set by the tests.</summary>
public sealed class ResilienceTests
{
    private const string Run =
        """
        {"run_id":"run_1","kind":"task","status":"completed","owner":{"kind":"project","id":"p"},"root_run_id":"run_1",
         "artifacts":[],"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}
        """;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Every_retry_of_a_create_has_the_same_id()
    {
        await using var server = await Start((http, count) => count < 4
            ? Fail(http, 503) : StubServer.Json(http, $$"""{"accepted":true,"run":{{Run}},"duplicate":true}""", 202));

        await Advance(server.Client.Create(NewRun.Task("x")));

        var bodies = server.Requests.Select(request => request.Body).ToList();
        Assert.Equal(4, bodies.Count);
        Assert.Single(bodies.Distinct());
        Assert.Matches("run_[0-9a-f]{32}", bodies[0]);
    }

    [Fact]
    public async Task A_call_is_tried_seven_times_and_then_says_whether_its_outcome_is_known()
    {
        await using var server = await Start((http, count) => StubServer.Json(
            http, """{"detail":"The request timed out.","code":"OUTCOME_UNKNOWN"}""", 504));

        var write = await Assert.ThrowsAsync<RunsUnavailableException>(() => Advance(server.Client.Cancel("run_1")));
        var attempts = server.Requests.Count;
        var read = await Assert.ThrowsAsync<RunsUnavailableException>(() => Advance(server.Client.Get("run_1")));

        Assert.Equal(7, attempts);
        Assert.True(write.IsOutcomeUnknown && write.IsTransient);
        Assert.Equal(("OUTCOME_UNKNOWN", "run_1"), (write.Code, write.RunId));
        Assert.False(read.IsOutcomeUnknown);
    }

    [Fact]
    public async Task Retry_After_is_respected()
    {
        await using var server = await Start((http, count) =>
        {
            http.Response.Headers.RetryAfter = "7";
            return count == 1 ? Fail(http, 429) : StubServer.Json(http, Run);
        });
        var call = server.Client.Get("run_1");
        await Eventually.Holds(() => Task.FromResult(server.Requests.Count == 1));

        var sent = _clock.GetUtcNow();
        await Advance(call, TimeSpan.FromSeconds(1));

        Assert.Equal(2, server.Requests.Count);
        Assert.True(_clock.GetUtcNow() - sent >= TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task An_attempt_that_takes_longer_than_ten_seconds_is_retried()
    {
        await using var server = await Start(async (http, count) =>
        {
            if (count == 1)
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            }

            await StubServer.Json(http, Run);
        });

        await Advance(server.Client.Get("run_1"), TimeSpan.FromSeconds(1));

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_response_that_breaks_off_is_retried()
    {
        await using var server = await Start(async (http, count) =>
        {
            if (count > 1)
            {
                await StubServer.Json(http, Run);
                return;
            }

            http.Response.ContentLength = 1000;
            await http.Response.WriteAsync("{");
            await http.Response.Body.FlushAsync();
            http.Abort();
        });

        Assert.Equal("run_1", (await Advance(server.Client.Get("run_1"))).RunId);
    }

    [Fact]
    public async Task Calls_that_name_nothing_to_repeat_are_retried_only_after_429()
    {
        await using var server = await Start((http, count) => Fail(http, count == 1 ? 429 : 503));
        var schedule = new NewSchedule
        {
            Name = "n",
            Target = new ScheduleTarget { Kind = "task", Id = "x" },
            Expression = "@daily",
        };

        await Assert.ThrowsAsync<RunsUnavailableException>(() => Advance(server.Client.Schedules.Create(schedule)));
        Assert.Equal(2, server.Requests.Count);
        await Assert.ThrowsAsync<RunsUnavailableException>(() => Advance(server.Client.Append("run_1", [new JsonObject()])));
        Assert.Equal(3, server.Requests.Count);
        await Assert.ThrowsAsync<RunsUnavailableException>(
            () => Advance(server.Client.Wait("run_1", new RunWait { Reason = WaitingReasons.Event })));
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_long_poll_may_take_its_wait_and_is_retried_without_limit()
    {
        await using var server = await Start((http, count) => count <= 20 ? Fail(http, 503) : StubServer.Json(http, Run));

        await Advance(server.Client.WaitForEnd("run_1", Timeout.InfiniteTimeSpan), TimeSpan.FromSeconds(5));

        Assert.Equal(21, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.Equal("GET /runs/run_1?wait=30", request.Path));
    }

    [Fact]
    public async Task A_rejection_is_not_retried_and_a_redirect_is_not_followed()
    {
        await using var server = await Start((http, count) =>
        {
            http.Response.Headers.Location = "http://127.0.0.1:1/";
            return Fail(http, count == 1 ? 403 : 307);
        });

        var rejected = await Assert.ThrowsAsync<RunsException>(() => server.Client.Get("run_1"));
        var redirected = await Assert.ThrowsAsync<RunsException>(() => server.Client.Get("run_1"));

        Assert.Equal((403, 307), ((int)rejected.Status!, (int)redirected.Status!));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task The_credential_is_read_before_each_attempt()
    {
        var seen = new List<string?>();
        var tokens = 0;
        await using var server = await StubServer.Start(
            (http, count) =>
            {
                seen.Add(http.Request.Headers.Authorization);
                return count == 1 ? Fail(http, 503) : StubServer.Json(http, Run);
            },
            services => services.AddSingleton<TimeProvider>(_clock).AddRunsClient(
                options => options.Token = _ => ValueTask.FromResult($"token-{++tokens}")));

        await Advance(server.Client.Get("run_1"));

        Assert.Equal(["Bearer token-1", "Bearer token-2"], seen);
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(3, 4000)]
    [InlineData(100, 15_000)]
    public void The_delay_of_polls_has_full_jitter_up_to_15_seconds(int failure, int max)
    {
        var delays = Enumerable.Range(0, 500).Select(_ => Http.PollResilience.GetDelay(failure).TotalMilliseconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, 0, max));
        Assert.Contains(delays, delay => delay < max * 0.2);
        Assert.Contains(delays, delay => delay > max * 0.8);
    }

    private static Task Fail(HttpContext http, int status) => StubServer.Json(http, """{"detail":"no"}""", status);

    private Task<StubServer> Start(Func<HttpContext, int, Task> answer) =>
        StubServer.Start(answer, services => services.AddSingleton<TimeProvider>(_clock));

    // Moves the time until the call has ended.
    private async Task<T> Advance<T>(Task<T> call, TimeSpan? step = null)
    {
        await Eventually.Holds(() =>
        {
            if (!call.IsCompleted)
            {
                _clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
            }

            return Task.FromResult(call.IsCompleted);
        });
        return await call;
    }
}
