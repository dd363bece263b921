using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>
/// Calls that wait while both batches hang, as they do while the store is unavailable, and calls whose batch cannot be
/// executed.
/// </summary>
public sealed class CallBatcherTests
{
    private static readonly TimeSpan MaxSlotTime = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<IReadOnlyList<BatchedCall<object, bool>>> _batches = [];
    private readonly TaskCompletionSource _outage = new();
    private readonly CallBatcher<object, bool> _batcher;

    public CallBatcherTests()
    {
        _batcher = new CallBatcher<object, bool>(
            async batch =>
            {
                _batches.Add(batch);
                if (_batches.Count <= 2)
                {
                    await _outage.Task;
                }

                foreach (var call in batch)
                {
                    call.Complete(true);
                }
            },
            _clock,
            MaxSlotTime);
        _ = _batcher.Execute("first", 1, default);
        _ = _batcher.Execute("second", 1, default);
    }

    [Fact]
    public async Task A_cancelled_call_that_waits_is_not_kept()
    {
        var argument = ExecuteAndCancel();

        await Eventually.Holds(() =>
        {
            GC.Collect();
            return Task.FromResult(!argument.IsAlive);
        });
    }

    [Fact]
    public async Task The_other_waiting_calls_are_executed_in_their_order()
    {
        using var cancellation = new CancellationTokenSource();
        var third = _batcher.Execute("third", 1, default);
        var cancelled = _batcher.Execute("cancelled", 1, cancellation.Token);
        var fourth = _batcher.Execute("fourth", 1, default);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _outage.SetResult();

        Assert.True(await third && await fourth);
        Assert.Equal(["first", "second", "third", "fourth"], _batches.SelectMany(batch => batch).Select(call => call.Argument));
    }

    [Fact]
    public async Task Batches_that_do_not_end_hold_up_the_others_for_the_time_of_a_slot_only()
    {
        var third = _batcher.Execute("third", 1, default);

        _clock.Advance(MaxSlotTime - TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _batches.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(await third);
    }

    [Fact]
    public async Task A_batch_that_has_lost_its_slot_still_completes_its_calls()
    {
        var batcher = CreateBatcher(async batch =>
        {
            await _outage.Task;
            await Complete(batch);
        });
        var call = batcher.Execute("call", 1, default);

        _clock.Advance(MaxSlotTime);
        _outage.SetResult();

        Assert.True(await call);
    }

    [Fact]
    public async Task A_batch_has_the_span_of_one_of_its_calls()
    {
        var spans = new List<Activity?>();
        var batcher = CreateBatcher(async batch =>
        {
            spans.Add(Activity.Current);
            await _outage.Task;
            await Complete(batch);
        });
        using var first = new Activity("first").Start();
        using var second = new Activity("second").Start();
        var calls = new List<Task<bool>>();
        foreach (var span in new[] { first, first, second })
        {
            Activity.Current = span; // the third call waits for a slot
            calls.Add(batcher.Execute("call", 1, default));
        }

        Activity.Current = null;
        _outage.SetResult();
        await Task.WhenAll(calls);

        Assert.Equal([first, first, second], spans);
    }

    [Fact]
    public async Task A_call_that_cannot_be_executed_fails_alone()
    {
        var batcher = CreateBatcher(
            batch => batch.Any(call => call.Argument == "bad") ? throw new FormatException("bad") : Complete(batch));

        var (good, bad, other) = ExecuteTogether(batcher, "good", "bad", "other");

        Assert.True(await good);
        await Assert.ThrowsAsync<FormatException>(() => bad);
        Assert.True(await other);
    }

    [Fact]
    public async Task An_outage_fails_the_calls_that_are_executed_one_by_one_at_once()
    {
        var executions = 0;
        var batcher = CreateBatcher(batch =>
        {
            executions++;
            throw batch.Count > 1 ? new FormatException("bad") : new TimeoutException("down");
        });

        var (one, two, three) = ExecuteTogether(batcher, "one", "two", "three");

        foreach (var call in new[] { one, two, three })
        {
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        }

        Assert.Equal(2, executions);
    }

    private CallBatcher<string, bool> CreateBatcher(Func<IReadOnlyList<BatchedCall<string, bool>>, Task> execute) =>
        new(execute, _clock, MaxSlotTime);

    private static Task Complete(IReadOnlyList<BatchedCall<string, bool>> batch)
    {
        foreach (var call in batch)
        {
            call.Complete(true);
        }

        return Task.CompletedTask;
    }

    private static (Task<bool> First, Task<bool> Second, Task<bool> Third) ExecuteTogether(
        CallBatcher<string, bool> batcher, string first, string second, string third)
    {
        using (batcher.Gather())
        {
            return (batcher.Execute(first, 1, default), batcher.Execute(second, 1, default), batcher.Execute(third, 1, default));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference ExecuteAndCancel()
    {
        using var cancellation = new CancellationTokenSource();
        var argument = new object();
        _ = _batcher.Execute(argument, 1, cancellation.Token);
        cancellation.Cancel();
        return new WeakReference(argument);
    }
}
