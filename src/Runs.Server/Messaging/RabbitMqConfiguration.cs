using MassTransit;
using Runs.Lifecycle;

namespace Runs.Server.Messaging;

/// <summary>
/// Configures RabbitMQ: durable quorum queues, retained dead letters, rejection of unroutable commands, and raw JSON
/// for commands and replies.
/// </summary>
internal static class RabbitMqConfiguration
{
    public static void ConfigureRabbitMq(
        this IRabbitMqBusFactoryConfigurator broker,
        IBusRegistrationContext context,
        RabbitMqConnectionSettings connection,
        ServerComposition composition)
    {
        var reconnect = new BrokerReconnectDelay(
            stopping => BusWatchdog.CanConnectToBroker(connection, stopping),
            TimeProvider.System,
            context.GetRequiredService<ILogger<BrokerReconnectDelay>>(),
            context.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        connection.Configure(broker, reconnect.WaitForBroker);
        broker.ConfigureMessageTopology();
        // EventExchangesFilter declares the exchanges of events. DeployPublishTopology is not used: it declares all
        // exchanges while connecting, and a connection that was lost at that moment has left a bus waiting
        // indefinitely.
        broker.ConfigurePublish(publish => publish.UseExecute(SetMandatoryForCommands));
        broker.ConfigureSend(send => send.UseExecute(SetMandatoryForCommands));
        broker.ConfigureSend(send => send.UseExecute(BatchSerializer.SetSerializer));
        broker.SendTopology.ConfigureErrorSettings = errors => errors.SetBoundedQueueArguments();
        // "Dead letter" is MassTransit's term for a message without a consumer.
        broker.SendTopology.ConfigureDeadLetterSettings = skipped => skipped.SetBoundedQueueArguments();
        var trustBoundary = TrustBoundary.Create(context, connection.CreateFactory().UserName);
        trustBoundary.ConfigureSending(broker);
        if (composition.HostsLifecycle)
        {
            broker.ConfigureRunSagaEndpoints(
                context, ConfigureLifecycleQueue, ConfigureCommandQueue, trustBoundary.ConfigureReceiving, ConfigureOutcomeQueue);
        }

        broker.ConfigureEndpoints(context);
    }

    // A command that reaches no queue is an error for its sender. An event may have no subscriber.
    private static void SetMandatoryForCommands(SendContext send)
    {
        if (send is RabbitMqSendContext rabbit
            && (rabbit.Exchange == ApiCommandQueue.Name || TrustBoundary.IsCommandExchange(rabbit.Exchange)))
        {
            rabbit.Mandatory = true;
        }
    }

    private static void ConfigureCommandQueue(IReceiveEndpointConfigurator endpoint) =>
        (endpoint as IRabbitMqReceiveEndpointConfigurator)?.SetCommandQueueArguments();

    // The messages are hints, so the oldest of too many are dropped.
    private static void ConfigureOutcomeQueue(IReceiveEndpointConfigurator endpoint) =>
        (endpoint as IRabbitMqReceiveEndpointConfigurator)?.SetBoundedQueueArguments();

    // Configures the queue for the commands of all publishers.
    private static void ConfigureLifecycleQueue(IReceiveEndpointConfigurator endpoint)
    {
        if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetCommandQueueArguments();
            queue.ConfigureChannel(channel => channel.UseFilter(new EventExchangesFilter()));
        }
    }
}
