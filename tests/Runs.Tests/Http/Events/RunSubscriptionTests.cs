using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Lifecycle;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>What a process buffers for the subscribers of a run, and what they read from the store.</summary>
public sealed class RunSubscriptionTests : IAsyncLifetime
{
    private readonly EventBufferMemory _memory = new(maxCharacters: 1_000);
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start(withRole: false);

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task Events_are_buffered_until_the_last_subscriber_leaves()
    {
        var run = await Insert();
        var subscription = new RunSubscription(run.Id, _harness.Store, _memory, _ => { });
        var subscriber = subscription.TrySubscribe()!;
        await subscription.Refresh();

        var appended = TestRuns.CreateEvent(1);
        await Append(run, appended);
        await subscription.Refresh();

        Assert.True(subscriber.View.HasEventsAfter(0));
        Assert.Equal(appended.Event.Text.Length, _memory.UsedCharacters);
        subscriber.Dispose();
        Assert.Equal(0, _memory.UsedCharacters);
    }

    [Fact]
    public async Task Events_that_exceed_the_memory_of_the_process_are_read_from_the_store()
    {
        var run = await Insert();
        var subscription = new RunSubscription(run.Id, _harness.Store, _memory, _ => { });
        using var subscriber = subscription.TrySubscribe()!;
        await subscription.Refresh();
        Assert.True(_memory.TryResize(0, 990)); // by another subscription

        await Append(run, TestRuns.CreateEvent(1));
        await subscription.Refresh();

        var view = subscriber.View;
        Assert.False(view.HasEventsAfter(0));
        Assert.Equal(990, _memory.UsedCharacters);
        Assert.Equal([1], (await subscriber.ReadEvents(view, 0, 10, default)).Select(item => item.EventId));

        Assert.True(_memory.TryResize(990, 0));
        await Append(run, TestRuns.CreateEvent(2));
        await subscription.Refresh();
        Assert.True(subscriber.View.HasEventsAfter(1));
    }

    private async Task<Run> Insert()
    {
        var run = TestRuns.Create();
        run.Status = RunStatuses.Running;
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private async Task Append(Run run, RunEvent appended)
    {
        var current = (await _harness.Store.Find(run.Id, default))!;
        Assert.True(await _harness.Store.TryAppend(current, [appended], default));
    }
}
