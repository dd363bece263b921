using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>How the saga's endpoint treats messages: their order of handling, and trouble.</summary>
internal sealed class RunStateDefinition : SagaDefinition<RunState>
{
    /// <summary>The queue of the lifecycle commands.</summary>
    public const string Queue = "runs-lifecycle";

    private readonly TimeSpan _holdTime;

    public RunStateDefinition(IOptions<LifecycleOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        EndpointName = Queue;
        _holdTime = options.Value.HoldTime;
        ConcurrentMessageLimit = options.Value.ConcurrencyLimit;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<RunState> sagaConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.PrefetchCount = 2 * ConcurrentMessageLimit!.Value;

        // A store that is away stops the queue: a command is held, then given back to the broker, and never given up.
        var policy = new StoreRetryPolicy(context.GetRequiredService<StoreAvailability>(), context.GetRequiredService<TimeProvider>(), _holdTime);
        endpointConfigurator.UseMessageRetry(retry => retry.SetRetryPolicy(_ => policy));
    }
}
