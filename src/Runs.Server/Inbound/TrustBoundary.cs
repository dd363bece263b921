using System.Collections.Frozen;
using MassTransit;
using Microsoft.Extensions.Options;
using Runs.Lifecycle;

namespace Runs.Server.Inbound;

/// <summary>
/// The boundary between the broker, where publishers may be faulty or hostile, and the saga. It validates incoming
/// messages and keeps details of this host out of outgoing messages.
/// </summary>
internal sealed class TrustBoundary
{
    private static readonly FrozenDictionary<string, Type> CommandsByExchange =
        MessageTypes.Commands.ToFrozenDictionary(BusConfiguration.GetEntityName);

    private static readonly FrozenDictionary<string, Type> TypesByExchange =
        LifecycleMessages.All.ToFrozenDictionary(BusConfiguration.GetEntityName);

    private readonly TimeProvider _clock;
    private readonly CommandReader _reader;
    private readonly PublisherPermissions _permissions;
    private readonly Func<ErrorQueueFilter> _createErrorQueueFilter;

    private TrustBoundary(
        PublisherOptions options, string serviceUser, TimeProvider clock, Func<ErrorQueueFilter> createErrorQueueFilter)
    {
        _clock = clock;
        _permissions = new PublisherPermissions(options.Publishers, serviceUser, ApiCommandQueue.Name);
        _reader = new CommandReader(TypesByExchange, new ReplyQueuePolicy(options.ReplyQueues), _permissions);
        _createErrorQueueFilter = createErrorQueueFilter;
    }

    /// <summary>Creates the boundary of a host that connects as <paramref name="serviceUser"/>.</summary>
    public static TrustBoundary Create(IServiceProvider services, string serviceUser)
    {
        var options = services.GetRequiredService<IOptions<PublisherOptions>>().Value;
        var clock = services.GetRequiredService<TimeProvider>();
        return new TrustBoundary(options, serviceUser, clock, () => ActivatorUtilities.CreateInstance<ErrorQueueFilter>(services));
    }

    /// <summary>Whether commands are published to <paramref name="exchange"/>.</summary>
    public static bool IsCommandExchange(string exchange) => CommandsByExchange.ContainsKey(exchange);

    /// <summary>Configures every message that this host sends.</summary>
    public void ConfigureSending(IRabbitMqBusFactoryConfigurator broker)
    {
        broker.OverrideDefaultBusEndpointQueueName($"runs-bus-{NewId.NextGuid():N}");
        broker.AddSerializer(new EnvelopeSerializer());
        broker.ConnectEndpointConfigurationObserver(new DisableFaultPublishingObserver());
        if (_permissions.ServiceUser is { Length: > 0 } user)
        {
            broker.ConfigurePublish(publish => publish.UseExecute(context => SetUserId(context, user)));
            broker.ConfigureSend(send => send.UseExecute(context => SetUserId(context, user)));
        }
    }

    /// <summary>Configures validation and error handling on one of the saga's queues.</summary>
    public void ConfigureReceiving(IReceiveEndpointConfigurator endpoint)
    {
        foreach (var contentType in CommandDeserializer.ContentTypes)
        {
            var isDefault = contentType.Equals(CommandDeserializer.ContentTypes[0]);
            endpoint.AddDeserializer(new CommandDeserializer(_reader, _clock, contentType), isDefault);
        }

        endpoint.ConfigureError(error => error.UseFilter(_createErrorQueueFilter()));
    }

    // If publishers are distinguished, the service must identify itself too.
    private static void SetUserId(SendContext context, string user)
    {
        if (context is RabbitMqSendContext rabbit
            && (rabbit.Exchange == ApiCommandQueue.Name || TypesByExchange.ContainsKey(rabbit.Exchange)))
        {
            rabbit.BasicProperties.UserId = user;
        }
    }
}
