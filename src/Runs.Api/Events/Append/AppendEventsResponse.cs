namespace Runs.Api.Events;

/// <summary>The response to an append: the end of the log.</summary>
public sealed record AppendEventsResponse
{
    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>
    /// The number of events that this call appended: fewer than it sent for a partial repeat, 0 for an exact repeat.
    /// </summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events that callers appended.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendEventsResponse From(AppendResult result) => new()
    {
        LatestEventId = result.Run.LatestEventId,
        AppendedCount = result.Count,
        LatestExternalEventSequence = result.Run.LatestExternalEventSequence,
    };
}
