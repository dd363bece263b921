using MassTransit;
using MassTransit.Transports;

namespace Runs.Server.Inbound;

/// <summary>
/// Sends the replies and faults of one message. A reply goes through the default exchange directly to the accepted
/// queue: nothing is declared, the broker drops a reply whose queue does not exist, and the service does not wait for a
/// queue that accepts no more messages.
/// </summary>
internal sealed class ReplySendEndpointProvider(ISendEndpointProvider endpoints, ReplyTarget target) : ISendEndpointProvider
{
    public ConnectHandle ConnectSendObserver(ISendObserver observer) => endpoints.ConnectSendObserver(observer);

    public async Task<ISendEndpoint> GetSendEndpoint(Uri address)
    {
        var endpoint = await endpoints.GetSendEndpoint(address);
        var isReply = address == ReplyTarget.DefaultExchangeAddress || address == ReplyTarget.DefaultExchangeFaultAddress;
        return isReply && target.GetQueue(address) is { } queue
            ? new ReplySendEndpoint(endpoint, queue, target)
            : endpoint;
    }

    private sealed class ReplySendEndpoint(ISendEndpoint endpoint, string queue, ReplyTarget target) : SendEndpointProxy(endpoint)
    {
        protected override IPipe<SendContext<T>> GetPipeProxy<T>(IPipe<SendContext<T>>? pipe = null) =>
            new ReplyPipe<T>(pipe, queue, target);
    }

    private sealed class ReplyPipe<T>(IPipe<SendContext<T>>? pipe, string queue, ReplyTarget target) : SendContextPipeAdapter<T>(pipe)
        where T : class
    {
        protected override void Send(SendContext<T> context)
        {
            var reply = (RabbitMqSendContext)context;
            context.SetRoutingKey(queue);
            reply.Mandatory = false;
            reply.AwaitAck = false;
            context.TimeToLive = null;
            if (target.UsesRawJson && context.Message is not EncodedBatch)
            {
                context.Serializer = new AmqpReplySerializer(target.CorrelationId);
            }
        }

        protected override void Send<TMessage>(SendContext<TMessage> context)
        {
        }
    }
}
