using MassTransit;
using MassTransit.RabbitMqTransport;
using ExchangeType = RabbitMQ.Client.ExchangeType;

namespace Runs.Server.Messaging;

/// <summary>
/// Declares the event exchanges and the exchange of offers before the first event, so that a subscriber can bind its
/// queue without permission to declare exchanges. The fanout exchanges of the events that offer runs forward them to
/// the topic exchange with their routing key.
/// </summary>
internal sealed class EventExchangesFilter : IFilter<ChannelContext>
{
    private static readonly string[] ExchangeNames = [.. MessageTypes.Events.Select(BusConfiguration.GetEntityName)];

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        foreach (var name in ExchangeNames)
        {
            await context.ExchangeDeclare(
                name, ExchangeType.Fanout, durable: true, autoDelete: false, arguments: null, context.CancellationToken);
        }

        await context.ExchangeDeclare(
            OfferExchange.Name, ExchangeType.Topic, durable: true, autoDelete: false, arguments: null, context.CancellationToken);
        foreach (var name in OfferExchange.Events.Select(BusConfiguration.GetEntityName))
        {
            await context.ExchangeBind(OfferExchange.Name, name, routingKey: "", arguments: null, context.CancellationToken);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("eventExchanges");
}
