using System.Collections.Frozen;
using MassTransit;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>Between the broker, where publishers may be wrong or hostile, and the saga: what comes in is checked, and what goes out tells nothing of this host.</summary>
internal sealed class TrustBoundary
{
    private static readonly FrozenDictionary<string, Type> Commands = MessageRules.Commands.ToFrozenDictionary(Bus.EntityNameOf);

    private static readonly FrozenDictionary<string, Type> Types = MessageRules.Commands.Concat(MessageRules.Internal).ToFrozenDictionary(Bus.EntityNameOf);

    private readonly CommandReader _reader;
    private readonly PublisherRights _rights;
    private readonly Func<ErrorQueueFilter> _createErrorQueueFilter;

    private TrustBoundary(PublisherOptions options, string ownUser, Func<ErrorQueueFilter> createErrorQueueFilter)
    {
        _rights = new PublisherRights(options.Publishers, ownUser, RequestLane.Queue);
        _reader = new CommandReader(Types, new ReplyQueues(options.ReplyQueues), _rights);
        _createErrorQueueFilter = createErrorQueueFilter;
    }

    /// <summary>The boundary of a host that connects as <paramref name="ownUser"/>.</summary>
    public static TrustBoundary Of(IServiceProvider services, string ownUser) =>
        new(services.GetRequiredService<IOptions<PublisherOptions>>().Value, ownUser, () => ActivatorUtilities.CreateInstance<ErrorQueueFilter>(services));

    /// <summary>Whether <paramref name="exchange"/> is one that commands are published to.</summary>
    public static bool IsCommand(string exchange) => Commands.ContainsKey(exchange);

    /// <summary>What holds for every message that this host sends.</summary>
    public void ConfigureSending(IRabbitMqBusFactoryConfigurator broker)
    {
        broker.OverrideDefaultBusEndpointQueueName($"runs-bus-{NewId.NextGuid():N}");
        broker.AddSerializer(new EnvelopeSerializer());
        broker.ConnectEndpointConfigurationObserver(new DisableFaultPublishing());
        if (_rights.OwnUser is { Length: > 0 } user)
        {
            broker.ConfigurePublish(publish => publish.UseExecute(context => Sign(context, user)));
            broker.ConfigureSend(send => send.UseExecute(context => Sign(context, user)));
        }
    }

    /// <summary>What stands in front of the saga on one of its queues.</summary>
    public void ConfigureReceiving(IReceiveEndpointConfigurator endpoint)
    {
        foreach (var contentType in CommandDeserializer.ContentTypes)
        {
            endpoint.AddDeserializer(new CommandDeserializer(_reader, contentType), isDefault: contentType == CommandDeserializer.ContentTypes[0]);
        }

        endpoint.ConfigureError(error => error.UseFilter(_createErrorQueueFilter()));
    }

    // Where publishers are told apart, the service has to be recognized among them.
    private static void Sign(SendContext context, string user)
    {
        if (context is RabbitMqSendContext rabbit && (rabbit.Exchange == RequestLane.Queue || Types.ContainsKey(rabbit.Exchange)))
        {
            rabbit.BasicProperties.UserId = user;
        }
    }
}
