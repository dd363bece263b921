using MassTransit;
using MassTransit.RabbitMqTransport;
using ExchangeType = RabbitMQ.Client.ExchangeType;

namespace Runs.Server.Messaging;

/// <summary>
/// Declares the event exchanges before the first event, so that a subscriber can bind its queue without permission to
/// declare exchanges.
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

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("eventExchanges");
}
