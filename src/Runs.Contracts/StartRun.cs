using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Says that execution has begun: a pending run becomes running. Sent by whoever executes the run. Repeats and late arrivals change nothing, and
/// whatever else an executor says of a pending run (that it waits, that it has ended) implies the start, should it overtake this.
/// </summary>
public sealed record StartRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within it.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id in its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>
    /// The event that begins the run's log, where the executor has one of its own: a JSON object whose <c>type</c> is <c>RUN_STARTED</c>, less than 256 KiB
    /// without white space, and 4 MiB with it. The service writes one when there is none.
    /// </summary>
    [JsonPropertyName("event")]
    public RawJson? Event { get; init; }

    /// <summary>Who sends it.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The trace that it belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
