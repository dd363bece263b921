using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The reply to a command: the state of the run after the command.</summary>
/// <remarks>
/// Sent by the service to the sender of a command that requests a reply, after the reported state is stored durably. A
/// redelivered command gets another reply, so a reply may arrive twice.
/// </remarks>
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    [JsonPropertyName("run")]
    public required RunResource Run { get; init; }

    /// <summary>
    /// Members of <c>run</c> that are omitted because the reply would exceed 16 MB. They are null here
    /// (<c>artifacts</c>: an empty array). The command was carried out; read the complete run over HTTP. Null when the
    /// reply is complete.
    /// </summary>
    [JsonPropertyName("omitted")]
    public IReadOnlyList<string>? Omitted { get; init; }

    /// <summary>
    /// Whether this command changed the run: created, started, claimed, released, paused, resumed, cancelled or ended
    /// it, or ended its attempt. False for a duplicate and for a command that arrived too late. True for a repeated
    /// claim that holds the run.
    /// </summary>
    [JsonPropertyName("changed")]
    public required bool Changed { get; init; }

    /// <summary>The conversation of the run, or null.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes, or null.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    /// <summary>
    /// In the reply to a claim that holds the run: what the worker needs besides the run. Null otherwise.
    /// </summary>
    [JsonPropertyName("claim")]
    public RunClaim? Claim { get; init; }

    /// <summary>
    /// The time that the store took, in milliseconds. With <see cref="SagaMs"/>, it distinguishes a slow store from a
    /// slow queue.
    /// </summary>
    [JsonPropertyName("store_ms")]
    public double StoreMs { get; init; }

    /// <summary>
    /// The time from receipt of the command to this reply, in milliseconds. Includes <see cref="StoreMs"/>.
    /// </summary>
    [JsonPropertyName("saga_ms")]
    public double SagaMs { get; init; }
}
