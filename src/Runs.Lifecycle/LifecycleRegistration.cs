using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Adds the lifecycle role to a host that has an <see cref="IRunStore"/> and a bus.</summary>
public static class LifecycleRegistration
{
    /// <summary>Adds the services beside the saga: options, relay, timers.</summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddOptions<LifecycleOptions>()
            .BindConfiguration(LifecycleOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<TreeCancellation>();
        services.AddSingleton<OutboxRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
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
}
