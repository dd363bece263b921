using MassTransit;

namespace Runs.Lifecycle;

/// <summary>A command waited for the store for too long.</summary>
internal sealed class HeldTooLongException(Exception cause) : Exception("The store did not come back in time; the command goes back to the broker.", cause);

/// <summary>
/// Gives a command that was held for too long back to its queue: it is delivered again, by nobody counted as failed (RabbitMQ 4.3 and later), and not moved to the error queue.
/// </summary>
internal sealed class ReturnToBrokerFilter : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            await next.Send(context);
        }
        catch (HeldTooLongException held)
        {
            // A delivery that ends outside the pipeline with an exception is not acknowledged, and the transport returns it.
            await context.ReceiveContext.NotifyFaulted(held);
            context.ReceiveContext.AddReceiveTask(Task.FromException(held));
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("returnToBroker");
}
