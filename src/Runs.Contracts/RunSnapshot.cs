using System.Text.Json.Serialization;

namespace Runs.Contracts;

/// <summary>The answer to a command: the run as it is after it.</summary>
/// <remarks>
/// Sent by the service to the sender of a command who asks for an answer, once what it tells is stored for good. A command that is delivered again is
/// answered again, so an answer may come twice.
/// </remarks>
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    [JsonPropertyName("run")]
    public required RunResource Run { get; init; }

    /// <summary>
    /// Members of <c>run</c> left out because the answer would exceed 16 MB. They are null here (<c>artifacts</c>: an empty array). The command was carried out; read the complete
    /// run over HTTP. Null when the answer is complete.
    /// </summary>
    [JsonPropertyName("omitted")]
    public IReadOnlyList<string>? Omitted { get; init; }

    /// <summary>Whether this very command made the run what it is: created it, cancelled it, ended it. False for a duplicate and for a command that came too late.</summary>
    [JsonPropertyName("changed")]
    public required bool Changed { get; init; }

    /// <summary>The conversation that the run lives in, or null.</summary>
    [JsonPropertyName("conversation_id")]
    public string? ConversationId { get; init; }

    /// <summary>The assistant message that the run writes, or null.</summary>
    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    /// <summary>Milliseconds that the store took.</summary>
    [JsonPropertyName("store_ms")]
    public double StoreMs { get; init; }

    /// <summary>Milliseconds from the receipt of the command to this answer, the store's included.</summary>
    [JsonPropertyName("saga_ms")]
    public double SagaMs { get; init; }
}
