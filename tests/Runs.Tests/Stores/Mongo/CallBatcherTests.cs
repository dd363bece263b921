using System.Runtime.CompilerServices;
using Runs.Store.Mongo;

namespace Runs.Tests.Stores;

/// <summary>Calls that wait while both batches hang, as they do while the store is unavailable.</summary>
public sealed class CallBatcherTests
{
    private readonly List<IReadOnlyList<BatchedCall<object, bool>>> _batches = [];
    private readonly TaskCompletionSource _outage = new();
    private readonly CallBatcher<object, bool> _batcher;

    public CallBatcherTests()
    {
        _batcher = new CallBatcher<object, bool>(async batch =>
        {
            _batches.Add(batch);
            await _outage.Task;
            foreach (var call in batch)
            {
                call.Complete(true);
            }
        });
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
