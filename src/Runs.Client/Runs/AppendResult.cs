namespace Runs.Client;

/// <summary>The end of the log after an append: the expectation of the next one.</summary>
public sealed record AppendResult
{
    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>The number of events that this call appended: 0 for an exact repeat.</summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events that callers have appended.</summary>
    public required long LatestExternalEventSequence { get; init; }
}
