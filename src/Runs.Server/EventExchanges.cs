using MassTransit;
using MassTransit.RabbitMqTransport;
using Runs.Contracts;

namespace Runs.Server;

/// <summary>Declares the exchanges of events before the first event, so that a listener can bind its queue without the right to declare them.</summary>
internal sealed class EventExchanges : IFilter<ChannelContext>
{
    private static readonly string[] Names =
        [.. new[] { typeof(RunReserved), typeof(RunAccepted), typeof(RunStarted), typeof(RunWaiting), typeof(RunResumed), typeof(RunFinished) }.Select(Bus.EntityNameOf)];

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        foreach (var name in Names)
        {
            await context.ExchangeDeclare(name, RabbitMQ.Client.ExchangeType.Fanout, durable: true, autoDelete: false, null, context.CancellationToken);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("eventExchanges");
}
