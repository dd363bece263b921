using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Api;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Server.Messaging;

/// <summary>
/// Configures the bus: RabbitMQ if a connection string is set, otherwise MassTransit's in-memory transport. The
/// endpoints are the same on both.
/// </summary>
internal static partial class BusConfiguration
{
    private static readonly KebabCaseEndpointNameFormatter NameFormatter = new(false);

    private static readonly BatchDeserializer<CommandBatch> CommandBatches =
        new(BatchFormat.Commands, commands => new CommandBatch(commands));

    private static readonly BatchDeserializer<ReplyBatch> ReplyBatches = new(BatchFormat.Replies, replies => new ReplyBatch(replies));

    public static void AddBus(this IServiceCollection services, ServerComposition composition)
    {
        services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = false; // without a broker, the process starts and the API can read
            host.StopTimeout = TimeSpan.FromSeconds(20);
            host.ConsumerStopTimeout = TimeSpan.FromSeconds(10);
        });
        services.AddValidatedOptions<PublisherOptions>(PublisherOptions.Section);
        if (composition.RabbitMq is { } connection)
        {
            services.AddWatchdog(connection);
        }

        services.TryAddSingleton(new BusConnectivity(composition.RabbitMq is null ? null : RabbitMqExchangeNames.ReplyTo));
        services.AddSingleton<IReceiveEndpointObserver>(provider => provider.GetRequiredService<BusConnectivity>());

        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (composition.HostsLifecycle)
            {
                bus.AddRunSaga();
            }

            if (composition.HostsApi)
            {
                bus.AddRunChangeConsumer();
            }

            if (composition.RabbitMq is { } rabbitMq)
            {
                bus.SetRequestClientFactory(CreateRequestClientFactory);
                bus.UsingRabbitMq((context, broker) => broker.ConfigureRabbitMq(context, rabbitMq, composition));
            }
            else
            {
                bus.UsingInMemory((context, broker) =>
                {
                    broker.ConfigureMessageTopology();
                    broker.ConfigureInMemoryBatches();
                    broker.ConfigureRunSagaEndpoints(context);
                    broker.ConfigureEndpoints(context);
                });
            }
        });
    }

    // Direct reply-to like SetRabbitMqReplyToRequestClientFactory, except that a late reply is dropped. By default
    // MassTransit moves it to a queue that is named after this one; the broker rejects the declaration of that queue
    // and closes the channel of all replies.
    private static IClientFactory CreateRequestClientFactory(IBus bus, RequestTimeout timeout) => bus
        .ConnectReceiveEndpoint(RabbitMqExchangeNames.ReplyTo, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = 1000;
            endpoint.ConcurrentMessageLimit = 2; // each reply wakes as many tasks; handling one takes microseconds
            endpoint.AddDeserializer(ReplyBatches);
            endpoint.DiscardSkippedMessages();
            endpoint.DiscardFaultedMessages();
        })
        .CreateClientFactory(timeout);

    private static void AddWatchdog(this IServiceCollection services, RabbitMqConnectionSettings settings)
    {
        services.AddSingleton<RejectedEndpoints>();
        services.AddSingleton<IReceiveEndpointObserver>(provider => provider.GetRequiredService<RejectedEndpoints>());
        services.AddSingleton<IReceiveEndpointObserver, ConnectionBlockedObserver>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<BusWatchdog>(
            provider,
            (Func<BusHealthSnapshot>)(() => BusHealthSnapshot.FromBus(provider.GetRequiredService<IBusControl>())),
            (Func<CancellationToken, Task<bool>>)(cancellationToken => BusWatchdog.CanConnectToBroker(settings, cancellationToken))));
    }

    /// <summary>Connects the reply endpoint when the server starts, not with the first command.</summary>
    public static void ConnectReplyEndpoint(this WebApplication app, ServerComposition composition)
    {
        if (composition.HostsApi)
        {
            app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<IClientFactory>());
        }
    }

    /// <summary>
    /// Logs a warning in Production if the broker's password and messages leave this machine unencrypted.
    /// </summary>
    public static void WarnAboutUnencryptedBroker(this WebApplication app, ServerComposition composition)
    {
        if (composition.RabbitMq is { IsUnencryptedOverNetwork: true } && app.Environment.IsProduction())
        {
            LogUnencryptedBroker(app.Logger, RabbitMqConnectionString.SettingName);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Setting} uses amqp://: the broker's password and all messages are sent unencrypted. Use amqps://.")]
    private static partial void LogUnencryptedBroker(ILogger logger, string setting);

    /// <summary>Configures the names and the serialization of messages for both transports.</summary>
    public static void ConfigureMessageTopology(this IBusFactoryConfigurator broker)
    {
        broker.AutoStart = true; // creates the reply queue before the first request; otherwise the first callers starve each other
        broker.MessageTopology.SetEntityNameFormatter(new KebabCaseEntityNameFormatter());
        broker.ConfigureJsonSerializerOptions(json =>
        {
            json.MaxDepth = FieldLimits.MaxMessageJsonDepth;
            return json;
        });
    }

    /// <summary>Configures the batches between API and saga on the in-memory transport.</summary>
    public static void ConfigureInMemoryBatches(this IBusFactoryConfigurator broker)
    {
        broker.ConfigureSend(send => send.UseExecute(BatchSerializer.SetSerializer));
        broker.AddDeserializer(CommandBatches);
        broker.AddDeserializer(ReplyBatches);
    }

    /// <summary>The exchange name of a message type: <c>runs.create-run</c> for <see cref="CreateRun"/>.</summary>
    public static string GetEntityName(Type message)
    {
        var names = message.GenericTypeArguments.Prepend(message).Select(type => NameFormatter.SanitizeName(type.Name.Split('`')[0]));
        return $"runs.{string.Join('.', names)}";
    }

    private sealed class KebabCaseEntityNameFormatter : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => GetEntityName(typeof(T));
    }
}
