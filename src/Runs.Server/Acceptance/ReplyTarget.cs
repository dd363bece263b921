using MassTransit.RabbitMqTransport;

namespace Runs.Server.Acceptance;

/// <summary>Where the answers to one message go, and in which form.</summary>
/// <param name="Queue">Takes the reply; null when the sender wants none.</param>
/// <param name="FaultQueue">Takes a fault.</param>
/// <param name="IsPlain">Whether the sender speaks plain AMQP and gets raw JSON, not an envelope.</param>
/// <param name="CorrelationId">The sender's <c>correlation_id</c>.</param>
/// <param name="RequestId">The sender's request id, where it is a MassTransit client.</param>
internal sealed record ReplyTarget(string? Queue, string? FaultQueue, bool IsPlain, string? CorrelationId, Guid? RequestId)
{
    /// <summary>
    /// The address of every reply. MassTransit knows it: it stands for the default exchange, so nothing is declared or bound, no exchange can be missing, and the broker
    /// drops what has no queue any more.
    /// </summary>
    public static readonly Uri Address = new($"exchange:{RabbitMqExchangeNames.ReplyTo}");

    /// <summary>The same for faults.</summary>
    public static readonly Uri FaultAddress = new($"{Address}?fault=true");

    /// <summary>No reply was requested.</summary>
    public static readonly ReplyTarget None = new(null, null, false, null, null);

    public Uri? ResponseAddress => Queue is null ? null : Address;

    public Uri? AddressOfFaults => (FaultQueue ?? Queue) is null ? null : FaultAddress;

    /// <summary>The queue that <paramref name="address"/> stands for.</summary>
    public string? QueueOf(Uri address) => address == FaultAddress ? FaultQueue ?? Queue : Queue;
}
