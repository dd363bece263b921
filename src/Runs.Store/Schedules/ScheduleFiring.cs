namespace Runs.Store;

/// <summary>A fire that is decided. Any process may carry it out, any number of times.</summary>
public sealed record ScheduleFiring : StoredRecord
{
    /// <summary>The time of the fire.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="ScheduleDecisions"/>.</summary>
    public required string Decision { get; init; }

    /// <summary>When it was decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>
    /// The runs that were active when it was decided, and that the fire cancels before it creates its own. Recorded so
    /// that a repeat cancels neither its own run nor that of a later fire.
    /// </summary>
    public List<string> ReplacedRunIds { get; init; } = [];
}
