namespace Runs.Api.Events;

/// <summary>The response to an append in a conversation: the end of the log, and the run.</summary>
public sealed record AppendConversationEventsResponse
{
    /// <summary>The current run.</summary>
    public required ConversationRunResource Run { get; init; }

    /// <summary>The id of the last event of the log.</summary>
    public required long LatestEventId { get; init; }

    /// <summary>
    /// The number of events that this call appended: fewer than it sent for a partial repeat, 0 for an exact repeat.
    /// </summary>
    public required int AppendedCount { get; init; }

    /// <summary>The number of public events that callers appended.</summary>
    public required long LatestExternalEventSequence { get; init; }

    internal static AppendConversationEventsResponse From(AppendResult result) => new()
    {
        Run = ConversationRunResource.From(result.Run),
        LatestEventId = result.Run.LatestEventId,
        AppendedCount = result.Count,
        LatestExternalEventSequence = result.Run.LatestExternalEventSequence,
    };
}
