using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace Runs.Server.Inbound;

/// <summary>
/// The receive context of an accepted message. It hides the publisher's headers and sends replies and faults to
/// <paramref name="target"/>.
/// </summary>
internal sealed class AcceptedReceiveContext(ReceiveContext context, ReplyTarget target) : ReceiveContextProxy(context), ReceiveContext
{
    private readonly ReplySendEndpointProvider _endpoints = new(context.SendEndpointProvider, target);

    Headers ReceiveContext.TransportHeaders => EmptyHeaders.Instance;

    public override ISendEndpointProvider SendEndpointProvider => _endpoints;
}
