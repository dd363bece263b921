using System.Text.Json.Nodes;
using System.Threading.Channels;
using Runs.Client;

namespace Runs.Worker;

/// <summary>Sends the events of an attempt in batches and in order.</summary>
internal sealed class EventSender : IAsyncDisposable
{
    public const int MaxBatch = 24;
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);
    private const int Capacity = 1000;

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _disposed = new();
    private readonly RunsClient _client;
    private readonly Attempt _attempt;
    private readonly TimeProvider _clock;
    private readonly Task _sending;
    private long? _sequence;

    public EventSender(RunsClient client, Attempt attempt, TimeProvider clock)
    {
        _client = client;
        _attempt = attempt;
        _clock = clock;
        _sequence = attempt.Claim.LatestExternalEventSequence;
        _sending = Send();
    }

    /// <summary>Adds an event; waits while there are too many.</summary>
    public Task Add(JsonObject item, CancellationToken cancellationToken) => Write(new Entry(item, null), cancellationToken);

    /// <summary>Waits until the events that were added before are stored.</summary>
    public async Task Flush(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Write(new Entry(null, flushed), cancellationToken);
        await flushed.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _disposed.CancelAsync();
        await _sending;
        _disposed.Dispose();
    }

    private async Task Write(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            await _entries.Writer.WriteAsync(entry, cancellationToken);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task Send()
    {
        Entry? flush = null;
        try
        {
            while (await _entries.Reader.WaitToReadAsync(_disposed.Token))
            {
                var batch = new List<JsonObject>(MaxBatch);
                flush = await Read(batch);
                if (batch.Count > 0)
                {
                    await _attempt.Resumed.WaitAsync(_disposed.Token); // a waiting run accepts no events
                    await Append(batch);
                }

                flush?.Flushed!.TrySetResult();
                flush = null;
            }
        }
        catch (Exception exception)
        {
            _entries.Writer.TryComplete(exception);
            flush?.Flushed!.TrySetException(exception);
            while (_entries.Reader.TryRead(out var entry))
            {
                entry.Flushed?.TrySetException(exception);
            }
        }
    }

    // Reads until the batch is full, its time is over, or a flush, which is returned.
    private async Task<Entry?> Read(List<JsonObject> batch)
    {
        using var delay = new CancellationTokenSource(MaxDelay, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(delay.Token, _disposed.Token);
        try
        {
            while (batch.Count < MaxBatch && await _entries.Reader.WaitToReadAsync(both.Token))
            {
                if (_entries.Reader.TryRead(out var entry))
                {
                    if (entry.Event is null)
                    {
                        return entry;
                    }

                    batch.Add(entry.Event);
                }
            }
        }
        catch (OperationCanceledException) when (!_disposed.IsCancellationRequested)
        {
            // The time is over.
        }

        return null;
    }

    private async Task Append(List<JsonObject> batch)
    {
        AppendResult result;
        try
        {
            result = await Append(batch, _sequence);
        }
        catch (RunsException exception) when (exception.Code == "EVENT_CURSOR_MISMATCH")
        {
            // Another caller has appended to the log of this attempt's run. A repeat would have been detected.
            result = await Append(batch, sequence: null);
        }
        catch (AttemptLostException)
        {
            _attempt.Stop(StopReason.LeaseLost);
            throw;
        }

        _sequence = result.LatestExternalEventSequence;
    }

    private Task<AppendResult> Append(List<JsonObject> batch, long? sequence) => _client.Append(
        _attempt.RunId,
        batch,
        new AppendExpectation { PreviousExternalEventSequence = sequence, Attempt = _attempt.Number },
        _disposed.Token);

    /// <summary>An event, or a flush.</summary>
    private sealed record Entry(JsonObject? Event, TaskCompletionSource? Flushed);
}
