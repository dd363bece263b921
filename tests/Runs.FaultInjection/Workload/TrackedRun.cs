using System.Text.Json;

namespace Runs.FaultInjection.Workload;

/// <summary>A run under torture: all that its callers asked of it and were told. Safe to use from many threads.</summary>
internal sealed class TrackedRun(string id, TrackedRun? parent)
{
    private readonly Lock _lock = new();
    private readonly List<Observation> _observations = [];
    private readonly HashSet<string> _acknowledgedEvents = [];
    private readonly List<(string Asked, bool Changed)> _outcomes = [];

    public string Id { get; } = id;

    public TrackedRun? Parent { get; } = parent;

    /// <summary>Calls that were told to have created it.</summary>
    public int CreatedReplies { get; private set; }

    /// <summary>Somebody was answered that it exists, or its create was confirmed by the broker.</summary>
    public bool MustExist { get; private set; }

    /// <summary>A create of it was refused, because a run above it was cancelled.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>Somebody was answered that it has ended, or the command that ends it was confirmed by the broker.</summary>
    public bool MustBeFinished { get; private set; }

    public IReadOnlyList<Observation> Observations => Read(() => _observations.ToList());

    /// <summary>The events whose append was answered 200.</summary>
    public IReadOnlySet<string> AcknowledgedEvents => Read(() => _acknowledgedEvents.ToHashSet());

    /// <summary>What was asked to end the run, and whether that was said to have done it.</summary>
    public IReadOnlyList<(string Asked, bool Changed)> Outcomes => Read(() => _outcomes.ToList());

    public void RecordCreated(bool byThisCall) => Write(() => (CreatedReplies, MustExist) = (CreatedReplies + (byThisCall ? 1 : 0), true));

    public void RecordRejected() => Write(() => IsRejected = true);

    public void RecordConfirmedCreate() => Write(() => MustExist = true);

    public void RecordConfirmedFinish() => Write(() => MustBeFinished = true);

    public void RecordOutcome(string requestedStatus, bool byThisCall) => Write(() =>
    {
        MustBeFinished = true;
        _outcomes.Add((requestedStatus, byThisCall));
    });

    public void RecordAppended(IEnumerable<string> events) => Write(() => _acknowledgedEvents.UnionWith(events));

    public void RecordObservation(Observation observation) => Write(() => _observations.Add(observation));

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    private void Write(Action write)
    {
        lock (_lock)
        {
            write();
        }
    }
}
