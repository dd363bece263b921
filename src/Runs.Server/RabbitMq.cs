using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server.Acceptance;
using Runs.Server.Messaging;

namespace Runs.Server;

/// <summary>What holds on RabbitMQ: durable quorum queues, dead letters kept, unroutable commands refused, raw JSON understood and answered.</summary>
internal static class RabbitMq
{
    private const string DeadLetters = "runs-dead-letters";

    public static void ConfigureRabbitMq(
        this IRabbitMqBusFactoryConfigurator broker, IBusRegistrationContext context, RabbitMqConnectionSettings connection, ServerOptions options)
    {
        connection.Configure(broker);
        broker.ConfigureMessages();
        // Exchanges of events are declared by whoever comes first, listener or sender: declaring them all while connecting (DeployPublishTopology) is where a
        // connection that is lost at that moment has left a bus waiting for ever.
        broker.ConfigurePublish(publish => publish.UseExecute(RefuseUnroutable));
        broker.ConfigureSend(send => send.UseExecute(RefuseUnroutable));
        var trust = TrustBoundary.Of(context, connection.CreateFactory().UserName);
        trust.ConfigureSending(broker);
        if (options.RunsLifecycle)
        {
            broker.MapRunSaga(context, Harden, trust.ConfigureReceiving);
        }

        broker.ConfigureEndpoints(context);
    }

    // A command that nobody would take is an error to its sender. An event may have no listener.
    private static void RefuseUnroutable(SendContext send)
    {
        if (send is RabbitMqSendContext rabbit && (rabbit.Exchange == RequestLane.Queue || TrustBoundary.IsCommand(rabbit.Exchange)))
        {
            rabbit.Mandatory = true;
        }
    }

    // What the queue of everybody's commands is. A message that the broker gives up after 20 redeliveries stays to be looked at.
    private static void Harden(IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetQuorumQueue();
            queue.ConfigureChannel(channel => channel.UseFilter(new EventExchanges()));
            queue.BindDeadLetterQueue(DeadLetters, DeadLetters, dead => dead.SetQuorumQueue());
        }
    }
}
