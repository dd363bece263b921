using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;

namespace Runs.Server.Acceptance;

/// <summary>
/// A message that was accepted, as MassTransit sees it: what the service understood, and nothing that the publisher wrote besides. No header, address or time of the
/// publisher's reaches the pipeline, so none is copied to a reply.
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

    public DateTime? ExpirationTime => null; // a reply would expire then, and the broker refuses many of the times that a publisher can write

    public Uri? SourceAddress => null;

    public Uri? DestinationAddress => destination;

    /// <summary>Whether the sender gets a reply; where it goes is kept in <see cref="ReplyTarget"/>.</summary>
    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    public DateTime? SentTime => null;

    public Headers Headers => EmptyHeaders.Instance;

    public HostInfo Host => HostMetadataCache.Empty;
}
