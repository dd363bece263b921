using MassTransit.RabbitMqTransport;

namespace Runs.Server.Inbound;

/// <summary>The queues and the format of the replies to one message.</summary>
/// <param name="Queue">The queue of the reply; null if the sender requests none.</param>
/// <param name="FaultQueue">The queue of a fault; null to use the queue of the reply.</param>
/// <param name="UsesRawJson">Whether the sender uses plain AMQP and gets raw JSON instead of an envelope.</param>
/// <param name="CorrelationId">The sender's <c>correlation_id</c>.</param>
/// <param name="RequestId">The sender's request id, if it is a MassTransit client.</param>
internal sealed record ReplyTarget(string? Queue, string? FaultQueue, bool UsesRawJson, string? CorrelationId, Guid? RequestId)
{
    /// <summary>
    /// The address of every reply. MassTransit maps it to the default exchange. Therefore nothing is declared or bound,
    /// no exchange can be missing, and the broker drops a reply whose queue no longer exists.
    /// </summary>
    public static readonly Uri DefaultExchangeAddress = new($"exchange:{RabbitMqExchangeNames.ReplyTo}");

    /// <summary>The same for faults.</summary>
    public static readonly Uri DefaultExchangeFaultAddress = new($"{DefaultExchangeAddress}?fault=true");

    /// <summary>No reply was requested.</summary>
    public static readonly ReplyTarget None = new(null, null, false, null, null);

    public Uri? ResponseAddress => Queue is null ? null : DefaultExchangeAddress;

    public Uri? FaultAddress => (FaultQueue ?? Queue) is null ? null : DefaultExchangeFaultAddress;

    /// <summary>The queue for <paramref name="address"/>.</summary>
    public string? GetQueue(Uri address) => address == DefaultExchangeFaultAddress ? FaultQueue ?? Queue : Queue;
}
