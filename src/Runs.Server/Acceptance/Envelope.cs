using System.Text.Json;

namespace Runs.Server.Acceptance;

/// <summary>The members of MassTransit's envelope that the service reads.</summary>
internal sealed record Envelope(
    string? MessageId,
    string? RequestId,
    string? CorrelationId,
    string? ConversationId,
    string? ResponseAddress,
    string? FaultAddress,
    string?[]? MessageType,
    JsonElement Message);
