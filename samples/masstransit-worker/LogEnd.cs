using System.Text.Json.Serialization;

namespace Runs.Samples.MassTransitWorker;

/// <summary>The end of a run's log: both cursors that an append expects.</summary>
internal sealed record LogEnd
{
    [JsonPropertyName("latest_event_id")]
    public long EventId { get; init; }

    /// <summary>The number of public events that executors have appended.</summary>
    [JsonPropertyName("latest_external_event_sequence")]
    public long Sequence { get; init; }

    /// <summary>The id of the message that the run writes in its conversation.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }
}
