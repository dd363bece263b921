using MassTransit.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The steps of a cascade. Each page has two runs.</summary>
public sealed class CascadeProcessorTests : IAsyncLifetime
{
    private static readonly Guid MessageId = RunIds.ForRun("message", "1");

    private readonly CascadeQueue _queue = new();
    private LifecycleHarness _harness = null!;
    private OutboxDispatcher _dispatcher = null!;
    private int _inserts;
    private CascadeProcessor _processor = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start(withRole: false);
        (_dispatcher, _processor) = CreateProcessor(perSecond: 20);
    }

    public async Task DisposeAsync()
    {
        _processor.Dispose();
        _dispatcher.Dispose();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task A_cascade_cancels_the_active_descendants_and_clears_its_message()
    {
        var root = await Insert(null, RunStatuses.Cancelled, nameof(CancelDescendants));
        var children = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Insert(root, RunStatuses.Running)));
        var completed = await Insert(root, RunStatuses.Completed);
        var grandchild = await Insert(completed, RunStatuses.Pending);

        await ProcessAll(new CancellationCascade("dev", root.RunId, null, MessageId));

        Assert.Equal(RunStatuses.Completed, (await Find(completed)).Status);
        foreach (var run in children.Append(grandchild))
        {
            var cancelled = await Find(run);
            Assert.Equal(RunStatuses.Cancelled, cancelled.Status);
            Assert.Equal((RunChanges.ViaSystem, ActorTypes.System), (cancelled.Changes[^1].Via, cancelled.Changes[^1].Actor!.Type));
        }

        Assert.Empty((await Find(root)).Outbox);
        await Eventually.Succeeds(async () =>
        {
            Assert.Empty((await Find(grandchild)).Outbox);
            Assert.Equal(
                children.Append(grandchild).Select(run => run.RunId).Order(),
                _harness.GetPublished<RunFinished>().Select(finished => finished.Message.RunId).Order());
        });
    }

    [Fact]
    public async Task A_cascade_without_a_message_clears_nothing()
    {
        var root = await Insert(null, RunStatuses.Cancelled, nameof(CancelDescendants));

        await ProcessAll(new CancellationCascade("dev", root.RunId, null, null));

        Assert.Single((await Find(root)).Outbox);
    }

    [Fact]
    public async Task A_step_cancels_one_page_of_a_deep_tree()
    {
        var root = await Insert(null, RunStatuses.Cancelled);
        var child = await Insert(root, RunStatuses.Running);
        var grandchild = await Insert(child, RunStatuses.Running);
        var last = await Insert(grandchild, RunStatuses.Running);
        var cascade = new CancellationCascade("dev", root.RunId, null, null);

        Assert.False(await _processor.ProcessStep(cascade, default));

        Assert.Equal(RunStatuses.Cancelled, (await Find(child)).Status);
        Assert.Equal(RunStatuses.Cancelled, (await Find(grandchild)).Status);
        Assert.Equal(RunStatuses.Running, (await Find(last)).Status);
        Assert.Equal(1, CountCalls(nameof(IRunStore.ListChildren)));
        Assert.Equal(1, CountCalls(nameof(IRunStore.ListDescendants)));
    }

    [Theory]
    [InlineData(25, 0, RunStatuses.Running, 10)] // a chain: a page for each ten runs, once as descendants and once as children
    [InlineData(25, 0, RunStatuses.Completed, 10)] // every third run of the chain has ended
    [InlineData(9, 4, RunStatuses.Running, 20)] // each run of the chain has more children; every run is listed once or twice
    public async Task A_deep_tree_below_its_root_is_read_in_pages(int depth, int siblings, string statusOfThird, int maxReads)
    {
        var (dispatcher, processor) = CreateProcessor(perSecond: 100); // pages of ten
        using var _ = dispatcher;
        using var __ = processor;
        var root = await Insert(null, RunStatuses.Cancelled);
        var runs = new List<Run>();
        for (var (parent, level) = (root, 0); level < depth; level++)
        {
            var status = level % 3 == 2 ? statusOfThird : RunStatuses.Running;
            var children = await Task.WhenAll(Enumerable.Range(0, siblings + 1).Select(_ => Insert(parent, status)));
            runs.AddRange(children);
            parent = children[level % children.Length];
        }

        await ProcessAll(new CancellationCascade("dev", root.RunId, null, null), processor);

        Assert.DoesNotContain(await Task.WhenAll(runs.Select(Find)), run => run.Status == RunStatuses.Running);
        Assert.InRange(CountCalls(nameof(IRunStore.ListChildren)) + CountCalls(nameof(IRunStore.ListDescendants)), 1, maxReads);
    }

    [Fact]
    public async Task The_children_of_each_run_of_a_branching_tree_are_listed_once()
    {
        const int Runs = 255;
        var (dispatcher, processor) = CreateProcessor(perSecond: 100); // pages of ten
        using var _ = dispatcher;
        using var __ = processor;
        var runs = new List<Run> { await Insert(null, RunStatuses.Cancelled) };
        while (runs.Count < Runs)
        {
            runs.Add(await Insert(runs[(runs.Count - 1) / 2], RunStatuses.Running));
        }

        await ProcessAll(new CancellationCascade("dev", runs[0].RunId, null, null), processor);

        Assert.All(await Task.WhenAll(runs.Select(Find)), run => Assert.Equal(RunStatuses.Cancelled, run.Status));
        Assert.InRange(CountCalls(nameof(IRunStore.ListChildren)), 1, 3 * Runs / 10);
    }

    [Fact]
    public async Task Ended_runs_between_the_active_ones_of_a_tree_are_skipped_a_bounded_number_in_each_step()
    {
        var root = await Insert(null, RunStatuses.Cancelled);
        var first = await Insert(root, RunStatuses.Running);
        for (var i = 0; i < 30; i++)
        {
            await Insert(root, RunStatuses.Completed);
        }

        var last = await Insert(first, RunStatuses.Running);
        var cascade = new CancellationCascade("dev", root.RunId, null, null);
        while ((await Find(first)).Status != RunStatuses.Cancelled)
        {
            Assert.False(await _processor.ProcessStep(cascade, default));
        }

        Assert.InRange(CountCalls(nameof(IRunStore.ListDescendants)), 1, 10);
        await ProcessAll(cascade);

        Assert.Equal(RunStatuses.Cancelled, (await Find(last)).Status);
    }

    [Fact]
    public async Task A_tree_below_a_run_that_is_not_a_root_is_cancelled_and_the_rest_of_the_tree_is_not()
    {
        var root = await Insert(null, RunStatuses.Running);
        var sibling = await Insert(root, RunStatuses.Running);
        var cancelled = await Insert(root, RunStatuses.Cancelled);
        var chain = new List<Run> { cancelled };
        while (chain.Count <= 5)
        {
            chain.Add(await Insert(chain[^1], RunStatuses.Running));
        }

        await ProcessAll(new CancellationCascade("dev", cancelled.RunId, null, null));

        Assert.All(await Task.WhenAll(chain.Select(Find)), run => Assert.Equal(RunStatuses.Cancelled, run.Status));
        Assert.Equal(
            [RunStatuses.Running, RunStatuses.Running], (await Task.WhenAll(Find(root), Find(sibling))).Select(run => run.Status));
    }

    [Fact]
    public async Task A_check_below_an_active_parent_ends_without_a_cancel()
    {
        var parent = await Insert(null, RunStatuses.Running);
        var run = await Insert(parent, RunStatuses.Pending, nameof(CheckAncestors));

        Assert.True(await _processor.ProcessStep(new CancellationCascade("dev", run.RunId, parent.RunId, MessageId), default));

        var found = await Find(run);
        Assert.Equal(RunStatuses.Pending, found.Status);
        Assert.Empty(found.Outbox);
    }

    [Fact]
    public async Task A_check_below_a_cancelled_ancestor_cancels_the_run_and_its_descendants()
    {
        var root = await Insert(null, RunStatuses.Cancelled);
        var parent = await Insert(root, RunStatuses.Completed);
        var run = await Insert(parent, RunStatuses.Running, nameof(CheckAncestors));
        var children = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Insert(run, RunStatuses.Running)));

        await ProcessAll(new CancellationCascade("dev", run.RunId, parent.RunId, MessageId));

        foreach (var descendant in children.Append(run))
        {
            Assert.Equal(RunStatuses.Cancelled, (await Find(descendant)).Status);
        }

        await Eventually.Succeeds(async () => Assert.Empty((await Find(run)).Outbox));
        Assert.Equal(2, CountCalls(nameof(IRunStore.FindWithoutPayload))); // of the ancestors, once
    }

    [Fact]
    public async Task The_messages_of_the_cancelled_runs_are_published_after_a_failed_cancel()
    {
        var root = await Insert(null, RunStatuses.Cancelled);
        var children = new[] { await Insert(root, RunStatuses.Running), await Insert(root, RunStatuses.Running) };
        _harness.Script.ReplaceNext(nameof(IRunStore.TryReplace), FailAfterOtherCancel());

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _processor.ProcessStep(new CancellationCascade("dev", root.RunId, null, null), default));

        await Eventually.Holds(() => Task.FromResult(_harness.GetPublished<RunFinished>().Count() == 1));

        // The first failure cancels the cancels that have not been saved.
        async Task<bool> FailAfterOtherCancel()
        {
            await Eventually.Holds(async () =>
                (await Task.WhenAll(children.Select(Find))).Any(child => child.Status == RunStatuses.Cancelled));
            throw new StoreUnavailableException("Unavailable.", null);
        }
    }

    [Fact]
    public async Task The_workers_continue_after_failed_steps_and_leave_their_cascades_to_the_sweep()
    {
        const int Failures = 5; // more than a tenant's active cascades and more than workers
        var failing = await Task.WhenAll(Enumerable.Range(0, Failures).Select(_ => Insert(null, RunStatuses.Cancelled)));
        var root = await Insert(null, RunStatuses.Cancelled);
        var child = await Insert(root, RunStatuses.Running);
        for (var i = 0; i < Failures; i++)
        {
            _harness.Script.FailNext(nameof(IRunStore.ListChildren), new StoreUnavailableException("Unavailable.", null));
        }

        var log = new FakeLogger<CascadeWorkers>();
        using var canceller = new CascadeWorkers(_queue, _processor, log);
        await canceller.StartAsync(default);
        foreach (var run in failing)
        {
            _queue.Enqueue(new CancellationCascade("dev", run.RunId, null, null));
        }

        await Eventually.Holds(() => Task.FromResult(log.Collector.Count == Failures));
        _queue.Enqueue(new CancellationCascade("dev", root.RunId, null, MessageId));
        await Eventually.Succeeds(async () => Assert.Equal(RunStatuses.Cancelled, (await Find(child)).Status));
        await canceller.StopAsync(default);

        Assert.All(log.Collector.GetSnapshot(), entry => Assert.Equal(LogLevel.Warning, entry.Level));
        Assert.InRange(CountCalls(nameof(IRunStore.ListChildren)), Failures + 1, Failures + 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(false, RunStatuses.Running)]
    [InlineData(false, RunStatuses.Running, RunStatuses.Cancelled)]
    [InlineData(false, RunStatuses.Completed)]
    [InlineData(false, RunStatuses.Completed, RunStatuses.Running, RunStatuses.Cancelled)]
    [InlineData(true, RunStatuses.Cancelled)]
    [InlineData(true, RunStatuses.Completed, RunStatuses.Failed, RunStatuses.Cancelled)]
    public async Task A_run_is_in_a_cancelled_tree_below_ended_runs_only(bool isCancelled, params string[] statuses)
    {
        Run? run = null;
        foreach (var status in statuses.AsEnumerable().Reverse())
        {
            run = await Insert(run, status);
        }

        Assert.Equal(isCancelled, await _harness.Store.IsInCancelledTree(run, default));
    }

    private (OutboxDispatcher Dispatcher, CascadeProcessor Processor) CreateProcessor(int perSecond)
    {
        var options = Options.Create(new LifecycleOptions { MaxCascadedCancelsPerSecond = perSecond });
        var dispatcher = _harness.CreateOutboxDispatcher(_queue, options, NullLogger<OutboxDispatcher>.Instance);
        var mediators = _harness.CreateMediatorFactory(_queue, options);
        return (dispatcher, new CascadeProcessor(_harness.Store, mediators, dispatcher, options));
    }

    private int CountCalls(string method) => _harness.Script.Calls.Count(call => call == method);

    private async Task ProcessAll(CancellationCascade cascade, CascadeProcessor? processor = null)
    {
        while (!await (processor ?? _processor).ProcessStep(cascade, default))
        {
        }
    }

    private async Task<Run> Insert(Run? parent, string status, string? messageType = null)
    {
        var run = TestRuns.Create();
        run.Status = status;
        run.CreatedAt = TestRuns.Noon.AddMilliseconds(Interlocked.Increment(ref _inserts));
        (run.ParentRunId, run.RootRunId) = (parent?.RunId, parent?.RootRunId ?? run.RunId);
        if (messageType is not null)
        {
            run.Outbox = [new OutboxMessage(MessageId, messageType, new RawJson("{}"))];
        }

        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private async Task<Run> Find(Run run) => (await _harness.Store.Find(run.Id, default))!;
}
