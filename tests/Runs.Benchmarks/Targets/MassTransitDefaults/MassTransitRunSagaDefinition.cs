using System.Text.Json;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Driver;

namespace Runs.Benchmarks.Targets.MassTransitDefaults;

/// <summary>Retry and outbox, in the order of the documentation.</summary>
public sealed class MassTransitRunSagaDefinition : SagaDefinition<MassTransitRunSaga>
{
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<MassTransitRunSaga> sagaConfigurator, IRegistrationContext context)
    {
        ((IRabbitMqReceiveEndpointConfigurator)endpointConfigurator).SetQuorumQueue();
        endpointConfigurator.UseMessageRetry(retry => retry.Intervals(500, 1000, 2000));
        endpointConfigurator.UseInMemoryOutbox(context);
    }
}
