using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Adds the lifecycle role to a host that has an <see cref="IRunStore"/> and a bus.</summary>
public static class LifecycleServiceCollectionExtensions
{
    // An API process sends two batches at a time. RabbitMQ.Client starts as many tasks for a channel as it may deliver
    // messages at the same time, and every message wakes all of the waiting ones. With 256 here and 1,000 for replies,
    // that was a fifth of the server's processor time for a lone create.
    private const int MaxConcurrentBatches = 32;

    /// <summary>The queues from which the saga receives commands.</summary>
    public static IReadOnlyList<string> QueueNames { get; } = [RunSagaDefinition.QueueName, ApiCommandQueue.Name];

    /// <summary>
    /// Adds the services other than the saga: options, outbox dispatcher, cancellation of run trees, scheduler,
    /// schedules.
    /// </summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddValidatedOptions<LifecycleOptions>(LifecycleOptions.Section);
        services.AddLeases();
        services.AddSingleton<CascadeQueue>();
        services.AddSingleton<PublisherAudit>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<RunSagaMediatorFactory>();
        services.AddSingleton<OutboxDispatcher>();
        services.TryAddSingleton<IOutboxDispatcher>(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddSingleton<WorkReadyPublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkReadyPublisher>());
        services.AddSingleton<CommandBatchHandler>();
        services.AddSingleton<CascadeProcessor>();
        services.AddHostedService<CascadeWorkers>();
        services.AddSingleton<DueRunProcessor>();
        services.AddHostedService<DueRunScheduler>();
        services.AddHostedService<ReadyPoolMonitor>();
        services.AddSingleton<InternalCommands>();
        services.AddSingleton<ScheduleMetrics>();
        services.AddSingleton<ScheduleProcessor>();
        services.AddHostedService<ScheduleClock>();
        return services;
    }

    /// <summary>Adds the saga, its repository and the consumers of the role to the bus.</summary>
    public static void AddRunSaga(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddSagaStateMachine<RunStateMachine, RunSaga, RunSagaDefinition>()
            .Repository(repository => repository
                .RegisterSagaRepository<
                    RunSaga, IRunStore, SagaConsumeContextFactory<IRunStore, RunSaga>, RunSagaRepositoryContextFactory>());
        bus.AddConsumer<RenewLeaseConsumer>();
        bus.AddConsumer<ScheduleOutcomeConsumer>();
    }

    /// <summary>
    /// Configures the two queues of the saga, and the queue of <see cref="ScheduleOutcomeConsumer"/>.
    /// <paramref name="configureLifecycleQueue"/> configures the queue that all publishers publish to, and
    /// <paramref name="configureCommandQueue"/> configures the queue of <see cref="ApiCommandQueue"/>.
    /// <paramref name="configureReceiving"/> adds the validation that decides for each message of both queues whether
    /// the saga receives it. <paramref name="configureOutcomeQueue"/> configures the third queue.
    /// </summary>
    public static void ConfigureRunSagaEndpoints(
        this IReceiveConfigurator broker,
        IRegistrationContext context,
        Action<IReceiveEndpointConfigurator>? configureLifecycleQueue = null,
        Action<IReceiveEndpointConfigurator>? configureCommandQueue = null,
        Action<IReceiveEndpointConfigurator>? configureReceiving = null,
        Action<IReceiveEndpointConfigurator>? configureOutcomeQueue = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        broker.ReceiveEndpoint(RunSagaDefinition.QueueName, endpoint =>
        {
            configureLifecycleQueue?.Invoke(endpoint);
            configureReceiving?.Invoke(endpoint);
            endpoint.ConfigureSaga<RunSaga>(context);
            endpoint.ConfigureConsumer<RenewLeaseConsumer>(context);
        });
        broker.ReceiveEndpoint(ApiCommandQueue.Name, endpoint =>
        {
            configureCommandQueue?.Invoke(endpoint);
            configureReceiving?.Invoke(endpoint);
            endpoint.ConfigureConsumeTopology = false; // published commands go to the other queue only
            endpoint.ConfigureSaga<RunSaga>(context);
            endpoint.ConcurrentMessageLimit = MaxConcurrentBatches;
            endpoint.PrefetchCount = 2 * MaxConcurrentBatches;
            // Resolved late, because the handler depends on the bus.
            endpoint.Handler<CommandBatch>(batch => context.GetRequiredService<CommandBatchHandler>().Handle(batch));
        });
        broker.ReceiveEndpoint(ScheduleOutcomeConsumer.QueueName, endpoint =>
        {
            configureOutcomeQueue?.Invoke(endpoint);
            endpoint.ConcurrentMessageLimit = ScheduleOutcomeConsumer.MaxConcurrentMessages;
            endpoint.PrefetchCount = 2 * ScheduleOutcomeConsumer.MaxConcurrentMessages;
            endpoint.DiscardSkippedMessages();
            endpoint.DiscardFaultedMessages(); // a later outcome or fire finds this one, too
            endpoint.ConfigureConsumer<ScheduleOutcomeConsumer>(context);
        });
    }
}
