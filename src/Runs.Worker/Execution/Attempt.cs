using Runs.Contracts;

namespace Runs.Worker;

/// <summary>
/// An attempt that this process holds: until when, and whether its handler must stop. All durations are measured on the
/// monotonic clock. Thread-safe.
/// </summary>
internal sealed class Attempt
{
    private readonly object _lock = new();
    // Never disposed of: it owns nothing, and other threads may cancel it until the attempt has ended.
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lease;
    private readonly DateTimeOffset _serverTime;
    private readonly long _serverTimeAt;
    private long _leaseDeadline;
    private long? _timeout;
    private long _stoppedAt;
    private StopReason _reason;
    private bool _isReporting;
    private bool _isStuck;
    private TaskCompletionSource? _resumed;
    private IReadOnlyList<RecordedToolResult> _results;

    /// <summary>Begins an attempt.</summary>
    /// <param name="claim">What the server said.</param>
    /// <param name="lease">The duration of the lease.</param>
    /// <param name="claimSentAt">When the claim was sent.</param>
    /// <param name="clock">The clock.</param>
    public Attempt(ClaimedRun claim, TimeSpan lease, long claimSentAt, TimeProvider clock)
    {
        Claim = claim;
        _clock = clock;
        _lease = lease;
        _results = claim.ToolResults ?? [];
        var now = clock.GetTimestamp();
        // The server's clock at the claim, which is the one that its times are compared with.
        _serverTime = claim.LeaseExpiresAt is { } end ? end - lease : clock.GetUtcNow();
        _serverTimeAt = now;
        // A claim may be held by the server for longer than a lease, so the time at which it was sent says little. The
        // first heartbeat, which follows at once, must confirm the lease within a third of it.
        _leaseDeadline = Math.Max(Add(claimSentAt, lease * 5 / 6), Add(now, lease / 3));
        SetTimeout(claim.TimeoutAt);
        StopToken = _stop.Token;
    }

    public ClaimedRun Claim { get; }

    public string RunId => Claim.RunId;

    public int Number => Claim.Attempt;

    /// <summary>Cancelled when the handler must stop.</summary>
    public CancellationToken StopToken { get; }

    public StopReason Reason
    {
        get
        {
            lock (_lock)
            {
                return _reason;
            }
        }
    }

    /// <summary>Whether the handler must stop, and its result does not count any more.</summary>
    public bool IsLost => Reason is StopReason.RunCancelled or StopReason.LeaseLost or StopReason.TimedOut;

    /// <summary>Whether the lease is over, or will be before it can be renewed.</summary>
    public bool IsLeaseOver => _clock.GetTimestamp() >= Interlocked.Read(ref _leaseDeadline);

    public bool IsStuck
    {
        get
        {
            lock (_lock)
            {
                return _isStuck;
            }
        }
    }

    /// <summary>The results of tool calls, of earlier attempts and of this one.</summary>
    public IReadOnlyList<RecordedToolResult> Results
    {
        get
        {
            lock (_lock)
            {
                return _results;
            }
        }
    }

    /// <summary>The server's time, as far as this process knows it.</summary>
    public DateTimeOffset ServerTime => _serverTime + _clock.GetElapsedTime(_serverTimeAt);

    /// <summary>
    /// Completes when the run no longer waits. At once if it does not.
    /// </summary>
    public Task Resumed
    {
        get
        {
            lock (_lock)
            {
                return _resumed?.Task ?? Task.CompletedTask;
            }
        }
    }

    /// <summary>The lease was renewed by a request that was sent at <paramref name="sentAt"/>.</summary>
    public void Renew(long sentAt)
    {
        lock (_lock)
        {
            _leaseDeadline = Math.Max(_leaseDeadline, Add(sentAt, _lease * 5 / 6));
        }
    }

    /// <summary>The server's status of the run, with each renewal.</summary>
    public void SetStatus(string? status)
    {
        lock (_lock)
        {
            if (status != RunStatuses.Waiting)
            {
                _resumed?.TrySetResult();
            }
        }
    }

    /// <summary>Cancels the handler's token. The first reason is the one that counts.</summary>
    /// <returns>Whether this call did it.</returns>
    public bool Stop(StopReason reason)
    {
        lock (_lock)
        {
            if (_reason != StopReason.None || _isReporting)
            {
                return false;
            }

            _reason = reason;
            _stoppedAt = _clock.GetTimestamp();
        }

        // Sets the token at once; callbacks run elsewhere, so that none of them delays the caller.
        _ = _stop.CancelAsync();
        return true;
    }

    /// <summary>The handler has returned: from now on, the attempt is not stopped but reported.</summary>
    /// <returns>Why the handler had to stop, or <see cref="StopReason.None"/>.</returns>
    public StopReason BeginReport()
    {
        lock (_lock)
        {
            _isReporting = true;
            return _reason;
        }
    }

    /// <summary>Stops a handler whose lease or time limit is over.</summary>
    /// <returns>The reason, if this call stopped it.</returns>
    public StopReason StopIfOver()
    {
        var now = _clock.GetTimestamp();
        StopReason reason;
        lock (_lock)
        {
            reason = now >= _leaseDeadline ? StopReason.LeaseLost : now >= _timeout ? StopReason.TimedOut : StopReason.None;
        }

        return reason != StopReason.None && Stop(reason) ? reason : StopReason.None;
    }

    /// <summary>Marks a handler that has ignored its token for <paramref name="limit"/>.</summary>
    /// <returns>Whether this call did it.</returns>
    public bool MarkIfStuck(TimeSpan limit)
    {
        lock (_lock)
        {
            if (_isStuck || _isReporting || _reason == StopReason.None || _clock.GetElapsedTime(_stoppedAt) < limit)
            {
                return false;
            }

            _isStuck = true;
            return true;
        }
    }

    /// <summary>The run begins to wait: its time limit does not apply.</summary>
    public void BeginWait()
    {
        lock (_lock)
        {
            _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _timeout = null;
        }
    }

    /// <summary>The run has resumed, with what the server said then.</summary>
    public void Resume(ClaimedRun run, long sentAt)
    {
        Renew(sentAt);
        lock (_lock)
        {
            _results = run.ToolResults ?? _results;
        }

        SetTimeout(run.TimeoutAt);
    }

    /// <summary>The run does not wait any more, or never did.</summary>
    public void EndWait()
    {
        lock (_lock)
        {
            _resumed?.TrySetResult();
            _resumed = null;
        }
    }

    private void SetTimeout(DateTimeOffset? timeoutAt)
    {
        lock (_lock)
        {
            _timeout = timeoutAt is { } time ? Add(_clock.GetTimestamp(), time - ServerTime) : null;
        }
    }

    private long Add(long timestamp, TimeSpan duration) =>
        timestamp + (long)(duration.TotalSeconds * _clock.TimestampFrequency);
}
