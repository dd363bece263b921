using System.Text.Json;

namespace Runs.Server.Inbound;

/// <summary>The members of MassTransit's envelope that the service reads.</summary>
internal sealed record Envelope(
    string? MessageId,
    string? RequestId,
    string? CorrelationId,
    string? ConversationId,
    string? ResponseAddress,
    string? FaultAddress,
    string?[]? MessageType,
    JsonElement SentTime,
    JsonElement Message);
