using MassTransit;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>How the saga's endpoint treats messages: their order of handling, and trouble.</summary>
internal sealed class RunStateDefinition : SagaDefinition<RunState>
{
    /// <summary>The queue of the lifecycle commands.</summary>
    public const string Queue = "runs-lifecycle";

    public RunStateDefinition(IOptions<LifecycleOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        EndpointName = Queue;
        ConcurrentMessageLimit = options.Value.ConcurrencyLimit;
    }

    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<RunState> sagaConfigurator, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpointConfigurator);
        endpointConfigurator.PrefetchCount = 2 * ConcurrentMessageLimit!.Value;

        // A store that is away stops the queue, and no message is lost or given up for it: twenty minutes, within the broker's patience of thirty.
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<StoreUnavailableException>();
            retry.Intervals([.. Backoff(TimeSpan.FromMinutes(20))]);
        });
    }

    private static IEnumerable<TimeSpan> Backoff(TimeSpan patience)
    {
        for (var (wait, waited) = (TimeSpan.FromMilliseconds(50), TimeSpan.Zero); waited < patience; waited += wait)
        {
            yield return wait;
            wait = TimeSpan.FromMilliseconds(Math.Min(2 * wait.TotalMilliseconds, 2000));
        }
    }
}
