using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Adds the lifecycle role to a host that has an <see cref="IRunStore"/> and a bus.</summary>
public static class LifecycleRegistration
{
    /// <summary>The queues that the saga's commands arrive in.</summary>
    public static IReadOnlyList<string> Queues { get; } = [RunStateDefinition.Queue, RequestLane.Queue];

    /// <summary>Adds the services beside the saga: options, relay, cancellation of trees, timers.</summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddValidatedOptions<LifecycleOptions>(LifecycleOptions.Section);
        services.AddSingleton<CascadeQueue>();
        services.AddSingleton<PublisherAudit>();
        services.AddSingleton<OutboxRelay>();
        services.TryAddSingleton<IOutboxDispatcher>(provider => provider.GetRequiredService<OutboxRelay>());
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
        services.AddHostedService<TreeCancellation>();
        services.AddHostedService<Timers>();
        return services;
    }

    /// <summary>Adds the saga and its repository to the bus.</summary>
    public static void AddRunSaga(this IBusRegistrationConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.AddSagaStateMachine<RunStateMachine, RunState, RunStateDefinition>()
            .Repository(repository => repository
                .RegisterSagaRepository<RunState, IRunStore, SagaConsumeContextFactory<IRunStore, RunState>, RunRepositoryContextFactory>());
    }

    /// <summary>
    /// Makes the saga's two queues: the one that everybody's commands are published to, which <paramref name="configure"/> may harden, and the one of
    /// <see cref="RequestLane"/>, which <paramref name="configureRequests"/> may. <paramref name="accept"/> puts in front of both what decides on each
    /// message whether the saga sees it.
    /// </summary>
    public static void MapRunSaga(
        this IReceiveConfigurator broker, IRegistrationContext context, Action<IReceiveEndpointConfigurator>? configure = null,
        Action<IReceiveEndpointConfigurator>? configureRequests = null, Action<IReceiveEndpointConfigurator>? accept = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        broker.ReceiveEndpoint(RunStateDefinition.Queue, endpoint =>
        {
            configure?.Invoke(endpoint);
            accept?.Invoke(endpoint);
            endpoint.ConfigureSaga<RunState>(context);
        });
        broker.ReceiveEndpoint(RequestLane.Queue, endpoint =>
        {
            configureRequests?.Invoke(endpoint);
            accept?.Invoke(endpoint);
            endpoint.ConfigureConsumeTopology = false; // what is published goes to the other queue, and only there
            endpoint.ConfigureSaga<RunState>(context);
        });
    }
}
