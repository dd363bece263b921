using System.Collections.Concurrent;

namespace Runs.Worker;

/// <summary>The attempts that a worker holds.</summary>
internal sealed class HeldAttempts
{
    private readonly ConcurrentDictionary<(string RunId, int Attempt), Attempt> _attempts = new();
    private readonly object _lock = new();
    private TaskCompletionSource _changed = CreateSignal();
    private TaskCompletionSource? _empty;

    public ICollection<Attempt> All => _attempts.Values;

    public bool IsEmpty => _attempts.IsEmpty;

    /// <summary>Completes when the server must learn of a change: an attempt began, or its run waits.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    public Attempt? Find(string runId, int attempt) => _attempts.GetValueOrDefault((runId, attempt));

    public bool Add(Attempt attempt)
    {
        if (!_attempts.TryAdd((attempt.RunId, attempt.Number), attempt))
        {
            return false;
        }

        SignalChange();
        return true;
    }

    public void Remove(Attempt attempt)
    {
        lock (_lock)
        {
            _attempts.TryRemove((attempt.RunId, attempt.Number), out _);
            if (_attempts.IsEmpty)
            {
                _empty?.TrySetResult();
            }
        }
    }

    public void SignalChange()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = CreateSignal();
        }

        changed.TrySetResult();
    }

    /// <summary>Waits until no attempt is left. Call it when no further one begins.</summary>
    public Task WaitUntilEmpty()
    {
        lock (_lock)
        {
            if (_attempts.IsEmpty)
            {
                return Task.CompletedTask;
            }

            return (_empty ??= CreateSignal()).Task;
        }
    }

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
