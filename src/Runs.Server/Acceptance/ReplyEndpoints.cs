using MassTransit;
using MassTransit.Transports;

namespace Runs.Server.Acceptance;

/// <summary>
/// Sends what answers one message. A reply goes through the default exchange straight to the queue that was accepted: nothing is declared, the broker drops what has no
/// queue, and nobody waits for a queue that takes no more.
/// </summary>
internal sealed class ReplyEndpoints(ISendEndpointProvider endpoints, ReplyTarget target) : ISendEndpointProvider
{
    public ConnectHandle ConnectSendObserver(ISendObserver observer) => endpoints.ConnectSendObserver(observer);

    public async Task<ISendEndpoint> GetSendEndpoint(Uri address)
    {
        var endpoint = await endpoints.GetSendEndpoint(address);
        return target.QueueOf(address) is { } queue && (address == ReplyTarget.Address || address == ReplyTarget.FaultAddress)
            ? new ReplyEndpoint(endpoint, queue, target)
            : endpoint;
    }

    private sealed class ReplyEndpoint(ISendEndpoint endpoint, string queue, ReplyTarget target) : SendEndpointProxy(endpoint)
    {
        protected override IPipe<SendContext<T>> GetPipeProxy<T>(IPipe<SendContext<T>>? pipe = null) => new ReplyPipe<T>(pipe, queue, target);
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
            if (target.IsPlain)
            {
                context.Serializer = new PlainReply(target.CorrelationId);
            }
        }

        protected override void Send<TMessage>(SendContext<TMessage> context)
        {
        }
    }
}
