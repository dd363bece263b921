using System.Collections.Immutable;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// A run that somebody waits for: as it was last seen, and the last events of its log. Each follower reads at its own pace from its own place; a slow one finds in the
/// store what is no longer here, and holds nobody up.
/// </summary>
internal sealed class FollowedRun(Guid id, IRunStore store, Action<FollowedRun> forget)
{
    private const int MostEvents = 512;
    private const long MostCharacters = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private volatile View? _view;
    private Task _looking = Task.CompletedTask;
    private Task? _next;
    private int _followers;

    public Guid Id => id;

    /// <summary>Whether the run exists.</summary>
    public bool HasView => _view is not null;

    /// <summary>Whether the run has changed since it was last seen.</summary>
    public bool IsBehind(RunStamp now) => _view is { } view && RunStamp.Of(view.Run) != now;

    /// <summary>A place among those who wait; null when the last of them has just left.</summary>
    public Follower? TryJoin()
    {
        lock (_lock)
        {
            return _followers < 0 ? null : new Follower(this, ++_followers);
        }
    }

    /// <summary>
    /// Sees how the run is now, and tells those who wait if it has changed. Whoever asks while a look is under way gets the next one, and shares it with all who ask
    /// until it begins.
    /// </summary>
    public Task Refresh()
    {
        lock (_lock)
        {
            return _next ??= LookAfter(_looking);
        }
    }

    private async Task LookAfter(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            (_looking, _next) = (_next!, null);
        }

        await Look();
    }

    private async Task Look()
    {
        var run = await store.FindHead(id, CancellationToken.None);
        var before = _view;
        if (run is null || (before is not null && RunStamp.Of(before.Run) == RunStamp.Of(run)))
        {
            return;
        }

        _view = before is null
            ? new View(run, run.LatestEventId, [])
            : await Later(before, run);
        before?.Changed.SetResult();
    }

    // What there is too much of is left in the store.
    private async Task<View> Later(View before, Run run)
    {
        if (run.LatestEventId - before.Run.LatestEventId > MostEvents)
        {
            return new View(run, run.LatestEventId, []);
        }

        var news = await store.Events(run, before.Run.LatestEventId, MostEvents, EventScope.Public, CancellationToken.None);
        if (news.Sum(logged => (long)logged.Event.Text.Length) > MostCharacters)
        {
            return new View(run, run.LatestEventId, []);
        }

        var events = before.Events.AddRange(news);
        var characters = events.Sum(logged => (long)logged.Event.Text.Length);
        var dropped = 0;
        while (events.Length - dropped > MostEvents || characters > MostCharacters)
        {
            characters -= events[dropped++].Event.Text.Length;
        }

        return new View(run, dropped == 0 ? before.After : events[dropped - 1].EventId, events.RemoveRange(0, dropped));
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_followers == 0)
            {
                _followers = -1; // nobody joins any more: whoever comes next begins anew
                forget(this);
            }
        }
    }

    /// <summary>The run as it was seen at one moment.</summary>
    /// <param name="Run">Without what callers sent and executors made.</param>
    /// <param name="After">The events after this one are here, the public ones; those up to it are in the store.</param>
    /// <param name="Events">In the order of ids.</param>
    internal sealed record View(Run Run, long After, ImmutableArray<RunEvent> Events)
    {
        /// <summary>Done when there is a later view.</summary>
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether this view has the events after <paramref name="after"/>, so that the store need not be read.</summary>
        public bool HasEventsAfter(long after) => after >= After;

        /// <summary>Waits for a later view; false when the time is up first.</summary>
        public async Task<bool> ChangesWithin(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
        {
            try
            {
                await Changed.Task.WaitAsync(time > TimeSpan.Zero ? time : TimeSpan.Zero, clock, cancellationToken);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }

    /// <summary>One who waits for the run.</summary>
    internal sealed class Follower(FollowedRun followed, int number) : IDisposable
    {
        private int _number = number;

        /// <summary>The run as it was last seen.</summary>
        public View View => followed._view!;

        /// <summary>The next public events after <paramref name="after"/> in this view, or none.</summary>
        public async Task<IReadOnlyList<RunEvent>> Events(View view, long after, int limit, CancellationToken cancellationToken) =>
            view.HasEventsAfter(after)
                ? [.. view.Events.SkipWhile(logged => logged.EventId <= after).Take(limit)]
                : await followed.Stored(view, after, limit, cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _number, 0) != 0)
            {
                followed.Leave();
            }
        }
    }

    private Task<IReadOnlyList<RunEvent>> Stored(View view, long after, int limit, CancellationToken cancellationToken) =>
        store.Events(view.Run, after, limit, EventScope.Public, cancellationToken);
}
