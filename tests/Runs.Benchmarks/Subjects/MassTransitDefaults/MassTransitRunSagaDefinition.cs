using MassTransit;

namespace Runs.Benchmarks.Subjects.MassTransitDefaults;

/// <summary>Message retry and in-memory outbox, in the order of MassTransit's documentation.</summary>
public sealed class MassTransitRunSagaDefinition : SagaDefinition<MassTransitRunSaga>
{
    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator,
        ISagaConfigurator<MassTransitRunSaga> sagaConfigurator,
        IRegistrationContext context)
    {
        ((IRabbitMqReceiveEndpointConfigurator)endpointConfigurator).SetQuorumQueue();
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(500, 1000, 2000));
        endpointConfigurator.UseInMemoryOutbox(context);
    }
}
