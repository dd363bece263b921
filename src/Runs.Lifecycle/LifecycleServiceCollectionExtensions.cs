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
    /// <summary>The queues from which the saga receives commands.</summary>
    public static IReadOnlyList<string> CommandQueues { get; } = [RunSagaDefinition.QueueName, CommandQueue.Name];

    /// <summary>
    /// Adds the services other than the saga: options, outbox dispatcher, cancellation of run trees, scheduler.
    /// </summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddValidatedOptions<LifecycleOptions>(LifecycleOptions.Section);
        services.AddSingleton<CascadeQueue>();
        services.AddSingleton<PublisherAudit>();
        services.AddSingleton<OutboxDispatcher>();
        services.TryAddSingleton<IOutboxDispatcher>(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        services.AddSingleton<CascadeProcessor>();
        services.AddHostedService<DescendantCanceller>();
        services.AddHostedService<DueRunScheduler>();
        return services;
    }

    /// <summary>Adds the saga and its repository to the bus.</summary>
    public static void AddRunSaga(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddSagaStateMachine<RunStateMachine, RunSaga, RunSagaDefinition>()
            .Repository(repository => repository
                .RegisterSagaRepository<
                    RunSaga, IRunStore, SagaConsumeContextFactory<IRunStore, RunSaga>, RunSagaRepositoryContextFactory>());
    }

    /// <summary>
    /// Configures the two queues of the saga. <paramref name="configureLifecycleQueue"/> configures the queue that all
    /// publishers publish to, and <paramref name="configureCommandQueue"/> configures the queue of
    /// <see cref="CommandQueue"/>. <paramref name="configureReceiving"/> adds the validation that decides for each
    /// message of both queues whether the saga receives it.
    /// </summary>
    public static void ConfigureRunSagaEndpoints(
        this IReceiveConfigurator broker,
        IRegistrationContext context,
        Action<IReceiveEndpointConfigurator>? configureLifecycleQueue = null,
        Action<IReceiveEndpointConfigurator>? configureCommandQueue = null,
        Action<IReceiveEndpointConfigurator>? configureReceiving = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        broker.ReceiveEndpoint(RunSagaDefinition.QueueName, endpoint =>
        {
            configureLifecycleQueue?.Invoke(endpoint);
            configureReceiving?.Invoke(endpoint);
            endpoint.ConfigureSaga<RunSaga>(context);
        });
        broker.ReceiveEndpoint(CommandQueue.Name, endpoint =>
        {
            configureCommandQueue?.Invoke(endpoint);
            configureReceiving?.Invoke(endpoint);
            endpoint.ConfigureConsumeTopology = false; // published commands go to the other queue only
            endpoint.ConfigureSaga<RunSaga>(context);
        });
    }
}
