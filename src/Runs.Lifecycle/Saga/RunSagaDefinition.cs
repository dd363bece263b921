using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Configures the saga's endpoint: concurrency, prefetch count and retries.</summary>
internal sealed class RunSagaDefinition : SagaDefinition<RunSaga>
{
    /// <summary>The queue of the lifecycle commands.</summary>
    public const string QueueName = "runs-lifecycle";

    private readonly TimeSpan _holdTime;

    public RunSagaDefinition(IOptions<LifecycleOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        EndpointName = QueueName;
        _holdTime = options.Value.MaxHoldTime;
        ConcurrentMessageLimit = options.Value.MaxConcurrentCommands;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<RunSaga> sagaConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        // Set for the endpoint, too: without it, RabbitMQ.Client starts a task for each prefetched message.
        endpointConfigurator.ConcurrentMessageLimit = ConcurrentMessageLimit;
        endpointConfigurator.PrefetchCount = 2 * ConcurrentMessageLimit!.Value;

        // While the store is unavailable, the queue stops: a command is held and then returned to the broker. It is
        // never discarded.
        var policy = new StoreRetryPolicy(
            context.GetRequiredService<StoreAvailability>(), context.GetRequiredService<TimeProvider>(), _holdTime);
        endpointConfigurator.UseMessageRetry(retry => retry.SetRetryPolicy(_ => policy));
    }
}
