namespace Runs.Client;

/// <summary>The end of the log that an append expects. Either cursor makes a retry safe.</summary>
public sealed record AppendExpectation
{
    /// <summary>The id of the last event of the log; 0 for an empty one.</summary>
    public long? PreviousEventId { get; init; }

    /// <summary>The number of public events that callers have appended.</summary>
    public long? PreviousExternalEventSequence { get; init; }

    /// <summary>The attempt that appends; required while a worker holds the run with a fenced claim.</summary>
    public int? Attempt { get; init; }
}
