using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>
/// Reports that execution has begun: a pending run becomes running. Sent by the executor of the run. Repeats and late
/// arrivals change nothing. A wait or an outcome that overtakes this command implies the start.
/// </summary>
public sealed record StartRun
{
    /// <summary>The account that the run belongs to. Run ids are unique within a tenant.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>The run's id, unique within its tenant.</summary>
    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }

    /// <summary>
    /// The first event of the run's log, when the executor supplies it: a JSON object whose <c>type</c> is
    /// <c>RUN_STARTED</c>, less than 256 KiB without white space, and less than 4 MiB with it. When absent, the service
    /// writes the event.
    /// </summary>
    [JsonPropertyName("event")]
    public RawJson? Event { get; init; }

    /// <summary>The sender of the command.</summary>
    [JsonPropertyName("actor")]
    public Actor? Actor { get; init; }

    /// <summary>The id of the trace that the command belongs to. 1-64 characters.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }
}
