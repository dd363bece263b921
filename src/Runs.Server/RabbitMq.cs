using MassTransit;
using Runs.Api;
using Runs.Contracts;

namespace Runs.Server;

/// <summary>What holds on RabbitMQ: durable quorum queues, dead letters kept, unroutable commands refused, raw JSON understood and answered.</summary>
internal static class RabbitMq
{
    private const string DeadLetters = "runs-dead-letters";

    private static readonly Dictionary<string, Type> CommandsByExchange =
        new[] { typeof(CreateRun), typeof(StartRun), typeof(WaitRun), typeof(ResumeRun), typeof(CompleteRun), typeof(CancelRun) }
            .ToDictionary(Bus.EntityNameOf);

    public static void ConfigureRabbitMq(this IRabbitMqBusFactoryConfigurator broker, IBusRegistrationContext context, string connectionString)
    {
        broker.Host(new Uri(connectionString), host => host.Heartbeat(TimeSpan.FromSeconds(10))); // a frozen broker is noticed, and readiness with it
        broker.ConfigureMessages();
        broker.DeployPublishTopology = true; // no first caller has to declare an exchange
        broker.Publish<CreateRun>();
        broker.Publish<CompleteRun>();
        broker.Publish<CancelRun>();
        broker.ConfigurePublish(publish => publish.UseExecute(send =>
        {
            // A command that nobody would take is an error to its sender. An event may have no listener.
            if (send is RabbitMqSendContext rabbit && CommandsByExchange.ContainsKey(rabbit.Exchange))
            {
                rabbit.Mandatory = true;
            }
        }));
        broker.ConfigureSend(send => send.UseExecute(PlainReply.Configure));
        broker.ConfigureEndpoints(context);
    }

    /// <summary>Queue arguments of the endpoints that take commands. A message that the broker gives up after 20 redeliveries stays to be looked at.</summary>
    public static void ConfigureQueue(string name, IReceiveEndpointConfigurator endpoint)
    {
        if (!ApiRegistration.IsForNotices(name) && endpoint is IRabbitMqReceiveEndpointConfigurator queue)
        {
            queue.SetQuorumQueue();
            queue.BindDeadLetterQueue(DeadLetters, DeadLetters, dead => dead.SetQuorumQueue());
            queue.AddDeserializer(new RawJsonFactory(CommandsByExchange), isDefault: true);
        }
    }
}
