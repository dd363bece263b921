using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;

namespace Runs.Server.Inbound;

/// <summary>
/// The MassTransit context of an accepted message. It contains only what the service has parsed and nothing else that
/// the publisher sent. No header or address of the publisher reaches the pipeline, so none is copied to a reply.
/// </summary>
internal sealed class ReceivedCommand(object message, Uri destination) : MessageContext
{
    /// <summary>The command, of one of the types that the service handles.</summary>
    public object Message => message;

    public Guid? MessageId { get; init; }

    public Guid? RequestId { get; init; }

    public Guid? CorrelationId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? InitiatorId => null;

    public DateTime? ExpirationTime => null; // a reply would expire then, and the broker rejects many times that a publisher can set

    public Uri? SourceAddress => null;

    public Uri? DestinationAddress => destination;

    /// <summary>Set if the sender gets a reply. The queue is in <see cref="ReplyTarget"/>.</summary>
    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    /// <summary>The time of <see cref="Inbound.SentTime"/>, for metrics only.</summary>
    public DateTime? SentTime { get; init; }

    public Headers Headers => EmptyHeaders.Instance;

    public HostInfo Host => HostMetadataCache.Empty;
}
