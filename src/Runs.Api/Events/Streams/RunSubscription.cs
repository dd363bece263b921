using System.Collections.Immutable;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// The shared state of all subscribers of a run: the last read version of the run, and the last events of its log. Each
/// subscriber reads from its own cursor. A slow one reads events that are no longer buffered from the store, and delays
/// no other.
/// </summary>
internal sealed class RunSubscription(Guid id, IRunStore store, EventBufferMemory memory, Action<RunSubscription> remove)
{
    private const int MaxBufferedEvents = 512;
    private const long MaxBufferedCharacters = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private volatile RunView? _view;
    private Task _currentRefresh = Task.CompletedTask;
    private Task? _nextRefresh;
    private int _subscriberCount;
    private long _bufferedCharacters;

    public Guid Id => id;

    /// <summary>Whether the run exists.</summary>
    public bool Exists => _view is not null;

    /// <summary>Whether the run has changed since it was last read.</summary>
    public bool IsStale(RunVersion currentVersion) => _view is { } view && RunVersion.From(view.Run) != currentVersion;

    /// <summary>Adds a subscriber. Null when the last subscriber has just been removed.</summary>
    public Subscriber? TrySubscribe()
    {
        lock (_lock)
        {
            return _subscriberCount < 0 ? null : new Subscriber(this, ++_subscriberCount);
        }
    }

    /// <summary>
    /// Reads the run, and notifies subscribers if it has changed. Coalesces refreshes: a call during a refresh joins
    /// the next one, with all other calls before its start.
    /// </summary>
    public Task Refresh()
    {
        lock (_lock)
        {
            return _nextRefresh ??= RefreshAfter(_currentRefresh);
        }
    }

    private async Task RefreshAfter(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            (_currentRefresh, _nextRefresh) = (_nextRefresh!, null);
        }

        await Load();
    }

    private async Task Load()
    {
        var run = await store.FindWithoutPayload(id, CancellationToken.None);
        var previous = _view;
        if (run is null || (previous is not null && RunVersion.From(previous.Run) == RunVersion.From(run)))
        {
            return;
        }

        _view = previous is null
            ? new RunView(run, run.LatestEventId, [])
            : await Advance(previous, run);
        previous?.Changed.SetResult();
    }

    // Events above the buffer limits are not buffered; subscribers read them from the store.
    private async Task<RunView> Advance(RunView previous, Run run)
    {
        if (run.LatestEventId - previous.Run.LatestEventId > MaxBufferedEvents)
        {
            return CreateUnbufferedView(run);
        }

        var newEvents = await store.ReadEvents(
            run, previous.Run.LatestEventId, MaxBufferedEvents, EventVisibility.Public, CancellationToken.None);
        if (newEvents.Sum(runEvent => (long)runEvent.Event.Text.Length) > MaxBufferedCharacters)
        {
            return CreateUnbufferedView(run);
        }

        var events = previous.Events.AddRange(newEvents);
        var characters = events.Sum(runEvent => (long)runEvent.Event.Text.Length);
        var droppedCount = 0;
        while (events.Length - droppedCount > MaxBufferedEvents || characters > MaxBufferedCharacters)
        {
            characters -= events[droppedCount++].Event.Text.Length;
        }

        if (!TryResizeBuffer(characters))
        {
            return CreateUnbufferedView(run);
        }

        var afterEventId = droppedCount == 0 ? previous.AfterEventId : events[droppedCount - 1].EventId;
        return new RunView(run, afterEventId, events.RemoveRange(0, droppedCount));
    }

    private RunView CreateUnbufferedView(Run run)
    {
        _ = TryResizeBuffer(0);
        return new RunView(run, run.LatestEventId, []);
    }

    // A refresh may end after the last subscriber has left.
    private bool TryResizeBuffer(long characters)
    {
        lock (_lock)
        {
            if (_subscriberCount < 0 || !memory.TryResize(_bufferedCharacters, characters))
            {
                return false;
            }

            _bufferedCharacters = characters;
            return true;
        }
    }

    private void Unsubscribe()
    {
        lock (_lock)
        {
            if (--_subscriberCount == 0)
            {
                _ = TryResizeBuffer(0);
                _subscriberCount = -1; // closed: the next subscriber creates a new subscription
                remove(this);
            }
        }
    }

    /// <summary>The run as read at one time, with its buffered events.</summary>
    /// <param name="Run">The run without its payload.</param>
    /// <param name="AfterEventId">
    /// The public events after this id are buffered. Events up to it are in the store.
    /// </param>
    /// <param name="Events">In the order of ids.</param>
    internal sealed record RunView(Run Run, long AfterEventId, ImmutableArray<RunEvent> Events)
    {
        /// <summary>Completes when there is a later view.</summary>
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>
        /// Whether this view buffers all events after <paramref name="eventId"/>, so that the store need not be read.
        /// </summary>
        public bool HasEventsAfter(long eventId) => eventId >= AfterEventId;

        /// <summary>Waits for a later view. False when the timeout elapses first.</summary>
        public async Task<bool> WaitForChange(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
        {
            try
            {
                await Changed.Task.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, clock, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>A subscriber of the run.</summary>
    internal sealed class Subscriber(RunSubscription subscription, int number) : IDisposable
    {
        private int _number = number;

        /// <summary>The latest view of the run.</summary>
        public RunView View => subscription._view!;

        /// <summary>Reads the next public events after <paramref name="afterEventId"/> of this view, if any.</summary>
        public async Task<IReadOnlyList<RunEvent>> ReadEvents(
            RunView view, long afterEventId, int limit, CancellationToken cancellationToken) =>
            view.HasEventsAfter(afterEventId)
                ? [.. view.Events.SkipWhile(runEvent => runEvent.EventId <= afterEventId).Take(limit)]
                : await subscription.ReadStoredEvents(view, afterEventId, limit, cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _number, 0) != 0)
            {
                subscription.Unsubscribe();
            }
        }
    }

    private Task<IReadOnlyList<RunEvent>> ReadStoredEvents(
        RunView view, long afterEventId, int limit, CancellationToken cancellationToken) =>
        store.ReadEvents(view.Run, afterEventId, limit, EventVisibility.Public, cancellationToken);
}
