using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

public sealed class DueRunSchedulerTests : IAsyncLifetime
{
    private readonly CascadeQueue _cascades = new();
    private readonly IOptions<LifecycleOptions> _options = Options.Create(new LifecycleOptions());
    private readonly FakeLogger<DueRunProcessor> _log = new();
    private LifecycleHarness _harness = null!;
    private OutboxDispatcher _dispatcher = null!;
    private DueRunProcessor _processor = null!;
    private DueRunScheduler _scheduler = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start(withRole: false);
        _dispatcher = _harness.CreateOutboxDispatcher(_cascades, _options, NullLogger<OutboxDispatcher>.Instance);
        _processor = CreateProcessor();
        _scheduler = new DueRunScheduler(_processor, _harness.Clock, _options, NullLogger<DueRunScheduler>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _scheduler.StopAsync(default);
        _scheduler.Dispose();
        await _processor.DisposeAsync();
        _dispatcher.Dispose();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_processed_when_it_is_due()
    {
        var (due, later) = (await Insert(Delayed()), await Insert(Delayed(TestRuns.Noon.AddSeconds(2))));

        await _scheduler.StartAsync(default);
        await WaitUntilNoneIsDue();
        Assert.True(await IsReady(due));
        Assert.False(await IsReady(later));
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));
        await WaitForPolls(2);
        Assert.False(await IsReady(later));
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));

        await WaitUntilNoneIsDue();
        Assert.True(await IsReady(later));
        await Eventually.Holds(() => Task.FromResult(_harness.GetPublished<RunAccepted>().Count() == 2));
        Assert.Empty(_harness.GetPublished<RunDue>());
    }

    [Fact]
    public async Task A_poll_continues_until_no_run_is_due()
    {
        await Insert(2_500, () => Delayed());

        await _scheduler.StartAsync(default);
        await WaitUntilNoneIsDue();

        Assert.Equal(2_500, await CountAccepted(2_500));
    }

    [Fact]
    public async Task A_failed_poll_is_repeated()
    {
        var due = await Insert(Delayed());
        _harness.Script.FailNext(nameof(IRunStore.ListDue), new StoreUnavailableException("Unavailable.", null));

        await _scheduler.StartAsync(default);
        await WaitForPolls(1);
        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(TimeSpan.FromSeconds(1));
            return IsReady(due);
        });
    }

    [Fact]
    public async Task A_run_that_the_store_cannot_process_ends_the_round_and_is_left_out_for_five_seconds()
    {
        var runs = await Insert(200, () => Delayed());
        _harness.Script.FailNext(nameof(IRunStore.Find), new StoreUnavailableException("Unavailable.", null));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _processor.ProcessRound(default));
        Assert.Contains(false, await Task.WhenAll(runs.Select(IsReady)));
        await ProcessAll();
        Assert.Single(await Task.WhenAll(runs.Select(IsReady)), false);
        _harness.Clock.Advance(TimeSpan.FromSeconds(5));
        await ProcessAll();

        Assert.All(await Task.WhenAll(runs.Select(IsReady)), Assert.True);
        Assert.Empty(_log.Collector.GetSnapshot());
    }

    [Fact]
    public async Task A_run_that_fails_is_processed_again_after_five_seconds_and_does_not_hold_up_others()
    {
        var (poison, other) = (await Insert(Delayed()), await Insert(Delayed(TestRuns.Noon.AddSeconds(1))));
        _harness.Script.FailNext(nameof(IRunStore.Find), new InvalidOperationException("Cannot be read."));
        await ProcessAll();
        _harness.Clock.Advance(TimeSpan.FromSeconds(4.9));
        await ProcessAll();

        Assert.False(await IsReady(poison));
        Assert.True(await IsReady(other));
        Assert.Contains(poison.RunId, Assert.Single(_log.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
        _harness.Clock.Advance(TimeSpan.FromSeconds(0.1));
        await ProcessAll();
        Assert.True(await IsReady(poison));
    }

    /// <summary>X12: a full page of runs whose due time is outdated hides no run behind them.</summary>
    [Fact]
    public async Task Idle_runs_do_not_hold_up_a_due_one()
    {
        var idle = await Insert(10_000, Idle);
        var due = await Insert(Delayed(TestRuns.Noon.AddMilliseconds(1)));
        _harness.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await ProcessAll();

        Assert.True(await IsReady(due));
        Assert.Equal(TestRuns.Noon.AddHours(1), (await Find(idle[0])).DueAt);
        Assert.Empty(await ListDue());
    }

    [Fact]
    public async Task The_backlog_of_a_tenant_delays_others_by_one_round_at_most()
    {
        await Insert(5_000, () => Delayed(tenant: "many"));
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));
        var few = await Insert(3, () => Delayed(TestRuns.Noon.AddSeconds(1), "few"));

        Assert.True(await _processor.ProcessRound(default));

        Assert.All(await Task.WhenAll(few.Select(IsReady)), Assert.True);
        Assert.Equal(5_000 - DueRunProcessor.MaxRunsPerRound + few.Length, (await ListDue()).Count);
    }

    /// <summary>X16, reduced: each run becomes ready once, for any number of processes.</summary>
    [Fact]
    public async Task Several_processes_make_each_delayed_run_ready_once()
    {
        var runs = await Insert(3_000, () => Delayed());
        await using var other = CreateProcessor();

        await Task.WhenAll(ProcessAll(), ProcessAll(other));

        Assert.Empty(await ListDue());
        Assert.All(await Task.WhenAll(runs.Select(Find)), run => Assert.Equal((2L, "due"), (run.Version, run.Changes[^1].Action)));
        Assert.Equal(3_000, await CountAccepted(3_000));
    }

    private static Run Delayed(DateTimeOffset? dueAt = null, string tenant = "dev")
    {
        var run = TestRuns.Create(tenant);
        (run.Kind, run.Target) = (RunKinds.Task, "task:t");
        run.StartAfter = run.DueAt = dueAt ?? TestRuns.Noon;
        return run;
    }

    // Stored by a process with other settings: no timer has passed.
    private static Run Idle()
    {
        var run = TestRuns.Create();
        (run.Status, run.TimeoutAt, run.DueAt) = (RunStatuses.Running, TestRuns.Noon.AddHours(1), TestRuns.Noon);
        return run;
    }

    private DueRunProcessor CreateProcessor() => new(
        _harness.Store, _harness.CreateMediatorFactory(_cascades, _options), _dispatcher, _harness.Clock, _log);

    private async Task ProcessAll(DueRunProcessor? processor = null)
    {
        while (await (processor ?? _processor).ProcessRound(default))
        {
        }
    }

    private async Task<Run> Insert(Run run)
    {
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private Task<Run[]> Insert(int count, Func<Run> create) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => Insert(create())));

    private async Task<Run> Find(Run run) => (await _harness.Store.Find(run.Id, default))!;

    private async Task<bool> IsReady(Run run) => (await Find(run)).IsReady();

    private Task<IReadOnlyList<DueRun>> ListDue() => _harness.Store.ListDue(_harness.Clock.GetUtcNow(), null, [], 10_000, default);

    private Task WaitUntilNoneIsDue() => Eventually.Holds(async () => (await ListDue()).Count == 0);

    private async Task<int> CountAccepted(int expected)
    {
        await Eventually.Holds(() => Task.FromResult(_harness.GetPublished<RunAccepted>().Count() >= expected));
        return _harness.GetPublished<RunAccepted>().Count();
    }

    private Task WaitForPolls(int count) =>
        Eventually.Holds(() => Task.FromResult(_harness.Script.Calls.Count(call => call == nameof(IRunStore.ListDue)) >= count));
}
