using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server.Acceptance;
using Runs.Server.Messaging;

namespace Runs.Server;

/// <summary>What holds on RabbitMQ: durable quorum queues, dead letters kept, unroutable commands refused, raw JSON understood and answered.</summary>
internal static class RabbitMq
{
    public static void ConfigureRabbitMq(
        this IRabbitMqBusFactoryConfigurator broker, IBusRegistrationContext context, RabbitMqConnectionSettings connection, ServerOptions options)
    {
        var reconnect = new BrokerReconnect(
            stopping => BusWatch.BrokerAnswers(connection, stopping), TimeProvider.System, context.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        connection.Configure(broker, reconnect.Wait);
        broker.ConfigureMessages();
        // Exchanges of events are declared by whoever comes first, listener or sender: declaring them all while connecting (DeployPublishTopology) is where a
        // connection that is lost at that moment has left a bus waiting for ever.
        broker.ConfigurePublish(publish => publish.UseExecute(RefuseUnroutable));
        broker.ConfigureSend(send => send.UseExecute(RefuseUnroutable));
        broker.SendTopology.ConfigureErrorSettings = errors => errors.SetRetainedQueue();
        broker.SendTopology.ConfigureDeadLetterSettings = skipped => skipped.SetRetainedQueue(); // MassTransit's name for messages that no consumer takes
        var trust = TrustBoundary.Of(context, connection.CreateFactory().UserName);
        trust.ConfigureSending(broker);
        if (options.RunsLifecycle)
        {
            broker.MapRunSaga(context, Harden, SetCommandQueue, trust.ConfigureReceiving);
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

    private static void SetCommandQueue(IReceiveEndpointConfigurator endpoint) => (endpoint as IRabbitMqReceiveEndpointConfigurator)?.SetCommandQueue();

    // What the queue of everybody's commands is.
    private static void Harden(IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetCommandQueue();
            queue.ConfigureChannel(channel => channel.UseFilter(new EventExchanges()));
        }
    }
}
