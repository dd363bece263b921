using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Api;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Server.Acceptance;
using Runs.Server.Messaging;
using Runs.Store;

namespace Runs.Server;

/// <summary>The bus: RabbitMQ where a connection string names one, and a broker inside the process otherwise. The same endpoints on both.</summary>
internal static partial class Bus
{
    public static void AddBus(this IServiceCollection services, ServerOptions options)
    {
        services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = false; // without a broker the process lives, reads, and is not ready
            host.StopTimeout = TimeSpan.FromSeconds(20);
            host.ConsumerStopTimeout = TimeSpan.FromSeconds(10);
        });
        services.AddValidatedOptions<PublisherOptions>(PublisherOptions.Section);
        if (options.RabbitMq is { } watched)
        {
            services.AddWatchdog(watched);
        }

        services.TryAddSingleton(new BusConnectivity(options.RabbitMq is null ? null : RabbitMqExchangeNames.ReplyTo));
        services.AddSingleton<IReceiveEndpointObserver>(provider => provider.GetRequiredService<BusConnectivity>());

        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (options.RunsLifecycle)
            {
                bus.AddRunSaga();
            }

            if (options.RunsApi)
            {
                bus.AddEventNotices();
            }

            if (options.RabbitMq is { } rabbitMq)
            {
                bus.SetRequestClientFactory(ConnectReplies);
                bus.UsingRabbitMq((context, broker) => broker.ConfigureRabbitMq(context, rabbitMq, options));
            }
            else
            {
                bus.UsingInMemory((context, broker) =>
                {
                    broker.ConfigureMessages();
                    broker.MapRunSaga(context);
                    broker.ConfigureEndpoints(context);
                });
            }
        });
    }

    // Direct reply-to as SetRabbitMqReplyToRequestClientFactory connects it, but a reply that comes too late is dropped. By default MassTransit moves it to a queue that
    // is named after this one; the broker refuses to declare that and closes the channel of all replies.
    private static IClientFactory ConnectReplies(IBus bus, RequestTimeout timeout) => bus
        .ConnectReceiveEndpoint(RabbitMqExchangeNames.ReplyTo, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = 1000;
            endpoint.DiscardSkippedMessages();
            endpoint.DiscardFaultedMessages();
        })
        .CreateClientFactory(timeout);

    private static void AddWatchdog(this IServiceCollection services, RabbitMqConnectionSettings settings)
    {
        services.AddSingleton<EndpointRefusals>();
        services.AddSingleton<IReceiveEndpointObserver>(provider => provider.GetRequiredService<EndpointRefusals>());
        services.AddSingleton<IReceiveEndpointObserver, ConnectionBlockedObserver>();
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<BusWatch>(
            provider,
            (Func<BusCondition>)(() => BusCondition.Of(provider.GetRequiredService<IBusControl>())),
            (Func<CancellationToken, Task<bool>>)(cancellationToken => BusWatch.BrokerAnswers(settings, cancellationToken))));
    }

    /// <summary>Connects the endpoint of the replies when the server starts, not with the first command.</summary>
    public static void ConnectReplyEndpoint(this WebApplication app, ServerOptions options)
    {
        if (options.RunsApi)
        {
            app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<IClientFactory>());
        }
    }

    /// <summary>Warns, in Production, when the broker's password and messages leave this machine unencrypted.</summary>
    public static void WarnOfPlainBroker(this WebApplication app, ServerOptions options)
    {
        if (options.RabbitMq is { IsPlainBeyondLoopback: true } && app.Environment.IsProduction())
        {
            LogPlainBroker(app.Logger, RabbitMqAddress.Setting);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Setting} uses amqp://: the broker's password and all messages are sent unencrypted. Use amqps://.")]
    private static partial void LogPlainBroker(ILogger logger, string setting);

    /// <summary>What holds for messages on any broker.</summary>
    public static void ConfigureMessages(this IBusFactoryConfigurator broker)
    {
        broker.AutoStart = true; // the reply queue is there before the first request; without it cold callers starve each other
        broker.MessageTopology.SetEntityNameFormatter(new EntityNames());
        broker.ConfigureJsonSerializerOptions(json =>
        {
            json.MaxDepth = 128; // user JSON has up to 64 levels, and stands inside a message inside an envelope
            return json;
        });
    }

    /// <summary>Exchanges are called by the message: <c>runs.create-run</c> for <see cref="CreateRun"/>.</summary>
    public static string EntityNameOf(Type message) =>
        $"runs.{string.Join('.', message.GenericTypeArguments.Prepend(message).Select(type => Kebab.SanitizeName(type.Name.Split('`')[0])))}";

    private static readonly KebabCaseEndpointNameFormatter Kebab = new(false);

    private sealed class EntityNames : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => EntityNameOf(typeof(T));
    }
}
