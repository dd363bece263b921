using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

public sealed class DueRunSchedulerTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;
    private DueRunScheduler _scheduler = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start(withRole: false);
        _scheduler = CreateScheduler(_harness.Bus.Bus);
    }

    public async Task DisposeAsync()
    {
        await _scheduler.StopAsync(default);
        _scheduler.Dispose();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_published_when_it_is_due()
    {
        var (due, later) = (await Insert(TestRuns.Noon), await Insert(TestRuns.Noon.AddSeconds(2)));

        await _scheduler.StartAsync(default);
        await WaitForPublished(due);
        Assert.DoesNotContain(later, Published());
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));
        await WaitForPolls(2);
        Assert.DoesNotContain(later, Published());
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));

        await WaitForPublished(later);
    }

    [Fact]
    public async Task A_run_that_stays_due_is_published_again_after_five_seconds()
    {
        var due = await Insert(TestRuns.Noon);

        await _scheduler.StartAsync(default);
        await WaitForPublished(due);
        for (var second = 1; second <= 4; second++)
        {
            _harness.Clock.Advance(TimeSpan.FromSeconds(1));
            await WaitForPolls(1 + second);
        }

        Assert.Single(Published());
        _harness.Clock.Advance(TimeSpan.FromSeconds(1));

        await Eventually.Holds(() => Task.FromResult(Published().Count == 2));
    }

    [Fact]
    public async Task A_failed_poll_is_repeated()
    {
        var due = await Insert(TestRuns.Noon);
        _harness.Script.FailNext(nameof(IRunStore.ListDue), new StoreUnavailableException("Unavailable.", null));

        await _scheduler.StartAsync(default);
        await WaitForPolls(1);
        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Published().Contains(due));
        });
    }

    [Fact]
    public async Task A_poll_reads_full_pages_until_the_total_limit_of_published_runs()
    {
        for (var page = 0; page < 101; page++)
        {
            var tenant = $"tenant-{page}";
            var runs = Enumerable.Range(0, 500)
                .Select(number => new DueRun(RunIds.ForRun(tenant, $"{number}"), tenant, $"{number}", TestRuns.Noon));
            _harness.Script.ReturnNext<IReadOnlyList<DueRun>>(nameof(IRunStore.ListDue), [.. runs]);
        }

        var bus = CountingBus.Create();
        using var scheduler = CreateScheduler(bus.Bus);
        await scheduler.StartAsync(default);

        await Eventually.Holds(() => Task.FromResult(bus.Published == 50_000));
        Assert.Equal(100, Polls());
        await scheduler.StopAsync(default);
    }

    private DueRunScheduler CreateScheduler(IBus bus) => new(
        _harness.Store, bus, _harness.Clock, Options.Create(new LifecycleOptions()), NullLogger<DueRunScheduler>.Instance);

    private async Task<string> Insert(DateTimeOffset dueAt)
    {
        var run = TestRuns.Create();
        run.DueAt = dueAt;
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run.RunId;
    }

    private List<string> Published() => [.. _harness.GetPublished<RunDue>().Select(due => due.Message.RunId)];

    private int Polls() => _harness.Script.Calls.Count(call => call == nameof(IRunStore.ListDue));

    private Task WaitForPublished(string runId) => Eventually.Holds(() => Task.FromResult(Published().Contains(runId)));

    private Task WaitForPolls(int count) => Eventually.Holds(() => Task.FromResult(Polls() >= count));
}
