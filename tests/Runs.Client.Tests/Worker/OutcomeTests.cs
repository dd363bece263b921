using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Runs.Client.Tests;

/// <summary>What a worker reports for what a handler does.</summary>
public sealed class OutcomeTests
{
    [Fact]
    public async Task An_exception_is_a_failure_that_may_be_retried()
    {
        var outcome = await GetOutcome((run, stop) => throw new InvalidOperationException(new string('x', 5000)));

        Assert.Equal("failed", (string?)outcome["status"]);
        Assert.Equal(nameof(InvalidOperationException), (string?)outcome["terminal_error_code"]);
        Assert.Equal(new string('x', 4000), (string?)outcome["terminal_error_message"]);
        Assert.True((bool)outcome["retryable"]!);
        Assert.Equal(1, (int)outcome["attempt"]!);
    }

    [Fact]
    public async Task A_stack_trace_is_reported_only_if_the_settings_say_so()
    {
        var with = await GetOutcome(
            (run, stop) => throw new InvalidOperationException("text"), worker => worker.Configure(o => o.IncludeStackTraces = true));
        var without = await GetOutcome((run, stop) => throw new InvalidOperationException("text"));

        Assert.Contains("   at Runs.Client.Tests.OutcomeTests", (string?)with["terminal_error_message"], StringComparison.Ordinal);
        Assert.Equal("text", (string?)without["terminal_error_message"]);
    }

    [Fact]
    public async Task A_RunFailedException_has_code_delay_and_whether_to_retry()
    {
        var outcome = await GetOutcome((run, stop) => throw new RunFailedException("CHECK_FAILED", "The report is wrong.")
        {
            Retryable = false,
            RetryAfter = TimeSpan.FromSeconds(90),
        });

        Assert.Equal("CHECK_FAILED", (string?)outcome["terminal_error_code"]);
        Assert.Equal("The report is wrong.", (string?)outcome["terminal_error_message"]);
        Assert.False((bool)outcome["retryable"]!);
        Assert.Equal(90, (int)outcome["retry_after_seconds"]!);
    }

    [Fact]
    public async Task Failed_and_cancelled_are_results()
    {
        var failed = await GetOutcome((run, stop) => RunResult.Failed("NO", "no", retryable: false));
        var cancelled = await GetOutcome((run, stop) => RunResult.Cancelled());

        Assert.Equal(
            ("failed", "NO", false),
            ((string?)failed["status"], (string?)failed["terminal_error_code"], (bool)failed["retryable"]!));
        Assert.Equal("cancelled", (string?)cancelled["status"]);
    }

    [Fact]
    public async Task A_config_of_another_form_fails_and_is_not_retried()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<Config>("task:test", (run, stop) => RunResult.Completed()));
        var run = harness.Server.AddTask(config: new { pages = "many" });
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal("INVALID_CONFIG", (string?)run.Outcomes[0]["terminal_error_code"]);
        Assert.False((bool)run.Outcomes[0]["retryable"]!);
    }

    [Fact]
    public async Task A_run_that_no_handler_executes_is_rejected()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));
        var run = harness.Server.AddTask(target: "task:other");
        await harness.Server.Until(() => run.Releases.Count > 0);

        Assert.Equal(["rejected"], run.Releases);
        Assert.Empty(run.Outcomes);
    }

    [Fact]
    public async Task A_handler_may_release_and_reject()
    {
        await using var harness = await WorkerHarness.Start(worker => worker
            .Handle<object>("task:a", (run, stop) => RunResult.Release())
            .Handle<object>("task:b", (run, stop) => RunResult.Reject()));
        var (a, b) = (harness.Server.AddTask("run_a", "task:a"), harness.Server.AddTask("run_b", "task:b"));
        await harness.Server.Until(() => a.Releases.Count > 0 && b.Releases.Count > 0);

        Assert.Equal(["shutdown"], a.Releases);
        Assert.Equal(["rejected"], b.Releases);
    }

    [Fact]
    public async Task A_report_that_fails_is_repeated()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));
        var failures = 0;
        harness.Server.Interceptor = http =>
        {
            var fails = http.Request.Path.Value!.EndsWith("/complete", StringComparison.Ordinal) && failures++ < 2;
            http.Response.StatusCode = fails ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return Task.FromResult(fails);
        };
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);

        Assert.Single(run.Outcomes);
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task An_outcome_that_the_server_rejects_fails_the_run()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed("too large")));
        var calls = 0;
        harness.Server.Interceptor = async http =>
        {
            if (!http.Request.Path.Value!.EndsWith("/complete", StringComparison.Ordinal) || calls++ > 0)
            {
                return false;
            }

            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            await http.Response.WriteAsJsonAsync(new { detail = "The body must not be larger.", code = "BODY_TOO_LARGE" });
            return true;
        };
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);

        Assert.Equal("OUTCOME_REJECTED", (string?)run.Outcomes[0]["terminal_error_code"]);
        Assert.Equal("The body must not be larger.", (string?)run.Outcomes[0]["terminal_error_message"]);
        Assert.False((bool)run.Outcomes[0]["retryable"]!);
    }

    private static async Task<JsonObject> GetOutcome(
        Func<RunContext<object>, CancellationToken, RunResult> handler, Action<RunsWorkerBuilder>? configure = null)
    {
        await using var harness = await WorkerHarness.Start(worker =>
        {
            worker.Handle("task:test", handler);
            configure?.Invoke(worker);
        });
        var run = harness.Server.AddTask();
        await harness.Server.Until(() => run.HasEnded);
        return Assert.Single(run.Outcomes);
    }

    private sealed record Config(int Pages);
}
