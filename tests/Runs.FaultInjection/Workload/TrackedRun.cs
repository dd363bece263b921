namespace Runs.FaultInjection.Workload;

/// <summary>What the callers of a run have requested, and what the responses promise. Thread-safe.</summary>
internal sealed class TrackedRun(string id, TrackedRun? parent)
{
    private readonly Lock _lock = new();
    private readonly List<Observation> _observations = [];
    private readonly HashSet<string> _acknowledgedEvents = [];
    private readonly List<(string RequestedStatus, bool Changed)> _outcomes = [];
    private readonly List<int> _claimedAttempts = [];
    private readonly HashSet<string> _resumedCalls = [];

    public string Id { get; } = id;

    public TrackedRun? Parent { get; } = parent;

    /// <summary>The number of responses that say that their call has created the run.</summary>
    public int CreatedReplies { get; private set; }

    /// <summary>Whether a response says that the run exists, or the broker has confirmed its create.</summary>
    public bool MustExist { get; private set; }

    /// <summary>Whether a create was rejected because a run above it is cancelled.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>
    /// Whether a response says that the run has ended, or the broker has confirmed the command that ends it.
    /// </summary>
    public bool MustBeFinished { get; private set; }

    public IReadOnlyList<Observation> Observations => Read(() => _observations.ToList());

    /// <summary>The events whose append was acknowledged.</summary>
    public IReadOnlySet<string> AcknowledgedEvents => Read(() => _acknowledgedEvents.ToHashSet());

    /// <summary>
    /// The status that each call requested to end the run, and whether the response says that it set it.
    /// </summary>
    public IReadOnlyList<(string RequestedStatus, bool Changed)> Outcomes => Read(() => _outcomes.ToList());

    /// <summary>The numbers of the attempts that began with a claim of this run's worker.</summary>
    public IReadOnlyList<int> ClaimedAttempts => Read(() => _claimedAttempts.ToList());

    /// <summary>The tool calls whose results were accepted.</summary>
    public IReadOnlySet<string> ResumedCalls => Read(() => _resumedCalls.ToHashSet());

    public void RecordCreated(bool byThisCall) => Write(() =>
    {
        CreatedReplies += byThisCall ? 1 : 0;
        MustExist = true;
    });

    public void RecordRejected() => Write(() => IsRejected = true);

    public void RecordConfirmedCreate() => Write(() => MustExist = true);

    public void RecordConfirmedFinish() => Write(() => MustBeFinished = true);

    public void RecordOutcome(string requestedStatus, bool byThisCall) => Write(() =>
    {
        MustBeFinished = true;
        _outcomes.Add((requestedStatus, byThisCall));
    });

    public void RecordClaim(int attempt) => Write(() => _claimedAttempts.Add(attempt));

    public void RecordResumed(string toolCall) => Write(() => _resumedCalls.Add(toolCall));

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
