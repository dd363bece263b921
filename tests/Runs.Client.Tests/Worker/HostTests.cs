using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Runs.Client.Tests;

/// <summary>How a worker is part of its host: settings, scopes, middleware, slots, health and telemetry.</summary>
public sealed class HostTests
{
    [Theory]
    [InlineData("grace", "set HostOptions.ShutdownTimeout to 31 s or more")]
    [InlineData("twice", "The target task:test has two handlers.")]
    [InlineData("target", "\"test\" is not a target")]
    [InlineData("class", "Handler must implement IRunHandler<TConfig> once")]
    [InlineData("none", "The worker has no handler.")]
    [InlineData("lease", "Lease must be between 00:00:05 and 00:05:00")]
    [InlineData("key", "WorkerKey must match")]
    [InlineData("slots", "MaxConcurrentRuns must be between 1 and 1000")]
    [InlineData("many slots", "MaxConcurrentRuns must be between 1 and 1000")]
    public async Task A_host_with_an_invalid_worker_does_not_start(string what, string error)
    {
        await using var server = await FakeRunsServer.Start();
        using var host = WorkerHarness.Build(server, worker => Configure(worker, what));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(error, exception.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_longer_grace_period_needs_a_longer_host()
    {
        await using var harness = await WorkerHarness.Start(
            worker => Configure(worker, "grace"),
            services: services => services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(31)));

        await harness.Server.Until(() => !harness.Server.Claims.IsEmpty);
    }

    [Fact]
    public async Task A_handler_class_is_resolved_from_a_scope_of_its_own_for_each_attempt()
    {
        var seen = new List<Scoped>();
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<ScopedHandler>(),
            services: services => services.AddScoped<Scoped>().AddSingleton(seen));
        var runs = new[] { harness.Server.AddTask("run_1", "task:scoped"), harness.Server.AddTask("run_2", "task:scoped") };
        await harness.Server.Until(() => runs.All(run => run.HasEnded));
        await harness.UntilIdle();

        Assert.Equal(2, seen.Distinct().Count());
        Assert.All(seen, scoped => Assert.True(scoped.IsDisposed));
        Assert.Equal("\"7\"", runs[0].Outcomes[0]["output"]!.ToJsonString());
    }

    [Fact]
    public async Task Middleware_is_around_every_attempt_and_the_first_is_outermost()
    {
        var calls = new List<string>();
        await using var harness = await WorkerHarness.Start(worker => worker
            .Use((run, next, stop) => Record("a", run, next, stop))
            .Use((run, next, stop) => Record("b", run, next, stop))
            .Use((run, next, stop) => run.Target == "task:y" ? Task.FromResult(RunResult.Cancelled()) : next(run, stop))
            .Handle<object>("task:*", (run, stop) => RunResult.Completed()));
        var x = harness.Server.AddTask("run_x", "task:x");
        await harness.Server.Until(() => x.HasEnded);
        var y = harness.Server.AddTask("run_y", "task:y");
        await harness.Server.Until(() => y.HasEnded);

        Assert.Equal((RunStatuses.Completed, RunStatuses.Cancelled), (x.Status, y.Status));
        Assert.Equal(
            ["a task:x", "b task:x", "b Completed", "a Completed", "a task:y", "b task:y", "b Cancelled", "a Cancelled"], calls);

        async Task<RunResult> Record(string name, RunContext run, RunDelegate next, CancellationToken stop)
        {
            calls.Add($"{name} {run.Target}");
            var result = await next(run, stop);
            calls.Add($"{name} {result}");
            return result;
        }
    }

    [Fact]
    public async Task Claims_ask_for_free_slots_only()
    {
        var (running, max) = (0, 0);
        var release = new TaskCompletionSource();
        await using var harness = await WorkerHarness.Start(worker => worker
            .Configure(options => options.MaxConcurrentRuns = 3)
            .Handle<object>("task:test", async (run, stop) =>
            {
                max = Math.Max(max, Interlocked.Increment(ref running));
                await release.Task;
                Interlocked.Decrement(ref running);
                return RunResult.Completed();
            }));
        var runs = Enumerable.Range(0, 8).Select(i => harness.Server.AddTask($"run_{i}")).ToList();
        await Eventually.Holds(() => Task.FromResult(running == 3));
        var claims = harness.Server.Claims.Count;
        Assert.Equal(3, runs.Count(run => run.IsHeld));

        release.SetResult();
        await harness.Server.Until(() => runs.TrueForAll(run => run.HasEnded));

        Assert.True(harness.Server.Claims.Count > claims);
        Assert.Equal(3, max);
        Assert.All(harness.Server.Claims, claim => Assert.InRange((int)claim["max_runs"]!, 1, 3));
    }

    [Fact]
    public async Task A_handler_that_ignores_stop_is_reported_as_stuck_and_keeps_its_slot()
    {
        var (started, finished) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var harness = await WorkerHarness.Start(
            worker => worker.Configure(options => options.MaxConcurrentRuns = 1).Handle<object>("task:test", async (run, stop) =>
            {
                started.SetResult();
                await finished.Task;
                return RunResult.Completed();
            }),
            hasFakeTime: true,
            services => services.AddHealthChecks().AddRunsWorker());
        using var stuck = new MetricCollector<long>(
            harness.Host.Services.GetRequiredService<IMeterFactory>(), "Runs.Worker", "runs.worker.handlers.stuck");
        var health = harness.Host.Services.GetRequiredService<HealthCheckService>();
        var run = harness.Server.AddTask();
        await started.Task.WaitAsync(Eventually.Timeout);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await harness.Server.Until(() => harness.Server.PendingHeartbeats == 1);
        harness.Server.Cancel(run);
        await Eventually.Holds(() => Task.FromResult(
            harness.Log.GetSnapshot().Any(entry => entry.Message.Contains("RunCancelled", StringComparison.Ordinal))));
        var claims = harness.Server.Claims.Count;

        harness.Clock!.Advance(TimeSpan.FromSeconds(61));
        await Eventually.Holds(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Unhealthy);

        Assert.Equal(1, stuck.LastMeasurement!.Value);
        Assert.Equal(claims, harness.Server.Claims.Count);
        finished.SetResult();
        await harness.Server.Until(() => harness.Server.Claims.Count > claims);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task The_health_check_is_degraded_while_the_server_does_not_answer()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()),
            hasFakeTime: true,
            services => services.AddHealthChecks().AddRunsWorker());
        var health = harness.Host.Services.GetRequiredService<HealthCheckService>();
        await harness.Server.Until(() => !harness.Server.Claims.IsEmpty);
        harness.Server.Interceptor = http =>
        {
            http.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        harness.Clock!.Advance(TimeSpan.FromSeconds(30)); // answers the claim that the server holds
        await Eventually.Holds(async () =>
        {
            harness.Clock.Advance(TimeSpan.FromSeconds(30));
            return (await health.CheckHealthAsync()).Status == HealthStatus.Degraded;
        });
        harness.Server.Interceptor = null;
    }

    [Fact]
    public async Task An_attempt_is_a_root_span_with_links_and_tags()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Runs.Worker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var harness = await WorkerHarness.Start(worker => worker.Handle<object>("task:spans", async (run, stop) =>
        {
            await run.SaveCheckpoint(new { done = 1 }, stop);
            return run.Attempt < 2 ? RunResult.Release() : RunResult.Completed();
        }));
        var run = harness.Server.Add(new FakeRun
        {
            Id = "run_spans",
            Target = "task:spans",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        });
        await harness.Server.Until(() => run.Releases.Count == 1);
        harness.Server.MakeReady(run);
        await harness.Server.Until(() => run.HasEnded);
        await harness.UntilIdle();

        List<Activity> own;
        lock (spans)
        {
            own = [.. spans.Where(span => (string?)span.GetTagItem("run.id") == "run_spans")];
        }

        Assert.Equal(2, own.Count);
        Assert.All(own, span => Assert.Equal((ActivityKind.Consumer, default), (span.Kind, span.ParentSpanId)));
        Assert.NotEqual(own[0].TraceId, own[1].TraceId);
        Assert.Equal(["0af7651916cd43dd8448eb211c80319c"], own[0].Links.Select(link => link.Context.TraceId.ToHexString()));
        Assert.Equal(
            ["0af7651916cd43dd8448eb211c80319c", own[0].TraceId.ToHexString()],
            own[1].Links.Select(link => link.Context.TraceId.ToHexString()));
        Assert.Equal(("released", "completed"), ((string?)own[0].GetTagItem("run.outcome"), (string?)own[1].GetTagItem("run.outcome")));
        Assert.Equal((2, "task:spans"), ((int)own[1].GetTagItem("run.attempt")!, (string?)own[1].GetTagItem("run.target")));
    }

    [Fact]
    public async Task Metrics_count_claims_slots_and_attempts_by_outcome()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));
        var meters = harness.Host.Services.GetRequiredService<IMeterFactory>();
        using var claims = new MetricCollector<long>(meters, "Runs.Worker", "runs.worker.claims");
        using var slots = new MetricCollector<int>(meters, "Runs.Worker", "runs.worker.slots.used");
        using var attempts = new MetricCollector<double>(meters, "Runs.Worker", "runs.worker.attempt.duration");
        harness.Server.AddTask();
        await attempts.WaitForMeasurementsAsync(1, Eventually.Timeout);

        Assert.Equal(1, claims.GetMeasurementSnapshot().Sum(item => item.Value));
        Assert.Equal([1, -1], slots.GetMeasurementSnapshot().Select(item => item.Value));
        Assert.Equal("completed", attempts.LastMeasurement!.Tags["run.outcome"]);
        Assert.Equal("task:test", attempts.LastMeasurement.Tags["run.target"]);
    }

    [Fact]
    public async Task Two_workers_of_a_host_have_keys_and_settings_of_their_own()
    {
        await using var harness = await WorkerHarness.Start(
            worker => worker.Handle<object>("task:a", (run, stop) => RunResult.Completed()),
            services: services => services.AddRunsWorker("second", worker => worker
                .Configure(options => options.MaxConcurrentRuns = 2)
                .Handle<object>("task:b", (run, stop) => RunResult.Completed())));
        await harness.Server.Until(() => harness.Server.Registrations.Count == 2);

        var keys = harness.Server.Registrations.Select(body => (string)body["worker_key"]!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal($"{keys[0]}.second", keys[1]);
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddRunsWorker("x", _ => { }).Services.AddRunsWorker("x", _ => { }));
    }

    [Fact]
    public async Task A_worker_that_the_server_rejects_stops_the_application()
    {
        await using var server = await FakeRunsServer.Start();
        server.Interceptor = http =>
        {
            http.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        using var host = WorkerHarness.Build(server, worker => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()));

        await host.StartAsync();
        await host.WaitForShutdownAsync().WaitAsync(Eventually.Timeout);

        Assert.Single(server.Requests);
    }

    private static void Configure(RunsWorkerBuilder worker, string what)
    {
        if (what != "none")
        {
            worker.Handle<object>("task:test", (run, stop) => RunResult.Completed());
        }

        _ = what switch
        {
            "grace" => worker.Configure(options => options.ShutdownGrace = TimeSpan.FromSeconds(26)),
            "twice" => worker.Handle<object>("task:test", (run, stop) => RunResult.Completed()),
            "target" => worker.Handle<object>("test", (run, stop) => RunResult.Completed()),
            "class" => worker.Handle<Handler>(),
            "lease" => worker.Configure(options => options.Lease = TimeSpan.FromSeconds(4)),
            "key" => worker.Configure(options => options.WorkerKey = "a b"),
            "slots" => worker.Configure(options => options.MaxConcurrentRuns = 0),
            "many slots" => worker.Configure(options => options.MaxConcurrentRuns = 1001),
            _ => worker,
        };
    }

    [Handles("task:none")]
    private sealed class Handler;

    [Handles("task:scoped")]
    private sealed class ScopedHandler(Scoped scoped, List<Scoped> seen) : IRunHandler<object>
    {
        public Task<RunResult> Handle(RunContext<object> run, CancellationToken stop)
        {
            lock (seen)
            {
                seen.Add(scoped);
            }

            return Task.FromResult(RunResult.Completed("7"));
        }
    }

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
