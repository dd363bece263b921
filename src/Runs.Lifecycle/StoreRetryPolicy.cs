using MassTransit;
using MassTransit.RetryPolicies;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>A command waited for the store for too long. Its delivery ends unhandled: the broker delivers it again, and it is not moved to the error queue.</summary>
internal sealed class HeldTooLongException(Exception cause) : Exception("The store did not come back in time; the command goes back to the broker.", cause);

/// <summary>
/// Holds a command while the store is away and tries it again when the store answers, so that the queue stands still and no attempt is wasted. A command that has been held for
/// <paramref name="holdTime"/> ends with a <see cref="HeldTooLongException"/>: the broker takes back, after a time of its own, what a consumer keeps for too long.
/// </summary>
internal sealed class StoreRetryPolicy(StoreAvailability availability, TimeProvider clock, TimeSpan holdTime) : IRetryPolicy
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public bool IsHandled(Exception exception) => exception is StoreUnavailableException;

    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext => new HeldCommand<T>(this, context);

    public void Probe(ProbeContext context) => context.CreateScope("storeRetry");

    /// <summary>Returns when the store is worth another attempt.</summary>
    private async Task Wait<T>(HeldCommand<T> command, Exception cause, int retries, CancellationToken cancellationToken)
        where T : class, PipeContext
    {
        // The in-memory transport does not deliver again: there, a command is held for as long as it takes.
        var limit = command.Context is ConsumeContext { ReceiveContext.InputAddress.Scheme: "loopback" } ? TimeSpan.MaxValue : holdTime;
        var left = limit - clock.GetElapsedTime(command.Since);
        if (left <= TimeSpan.Zero)
        {
            throw new HeldTooLongException(cause);
        }

        await Task.Delay(WaitBefore(retries), clock, cancellationToken);
        try
        {
            var available = availability.WaitUntilAvailable(cancellationToken);
            await (limit == TimeSpan.MaxValue ? available : available.WaitAsync(left, clock, cancellationToken));
        }
        catch (TimeoutException)
        {
            throw new HeldTooLongException(cause);
        }
    }

    // Jitter keeps commands from retrying at the same time; the delay grows while the store answers but refuses writes.
    private static TimeSpan WaitBefore(int retries)
    {
        var longest = ShortestWait * Math.Pow(2, Math.Min(retries, 10));
        return (longest < LongestWait ? longest : LongestWait) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    private sealed class HeldCommand<T>(StoreRetryPolicy policy, T context) : BaseRetryPolicyContext<T>(policy, context)
        where T : class, PipeContext
    {
        public StoreRetryPolicy Policy => policy;

        /// <summary>When the command was first tried.</summary>
        public long Since { get; } = policy.Now;

        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new Retry<T>(this, exception, 0, cancellationToken);
    }

    private sealed class Retry<T>(HeldCommand<T> command, Exception exception, int retries, CancellationToken cancellationToken)
        : BaseRetryContext<T>(command.Context, exception, retries, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        public override Task PreRetry() => command.Policy.Wait(command, Exception, RetryCount, CancellationToken);

        public bool CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new Retry<T>(command, exception, RetryCount + 1, CancellationToken);
            return command.Policy.IsHandled(exception) && !CancellationToken.IsCancellationRequested;
        }
    }

    private long Now => clock.GetTimestamp();
}
