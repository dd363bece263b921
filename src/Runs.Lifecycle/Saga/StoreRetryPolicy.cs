using MassTransit;
using MassTransit.RetryPolicies;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Holds a command while the store is unavailable and retries it when the store answers, so that the queue pauses and
/// no attempt is wasted. A command that was held for <paramref name="holdTime"/> ends with a
/// <see cref="HoldTimeExceededException"/>, because the broker takes back a message that a consumer keeps longer than
/// the broker's own timeout.
/// </summary>
internal sealed class StoreRetryPolicy(StoreAvailability availability, TimeProvider clock, TimeSpan holdTime) : IRetryPolicy
{
    private static readonly TimeSpan InitialDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private long Timestamp => clock.GetTimestamp();

    public bool IsHandled(Exception exception) => exception is StoreUnavailableException;

    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext => new HeldCommandContext<T>(this, context);

    public void Probe(ProbeContext context) => context.CreateScope("storeRetry");

    /// <summary>Waits until the store is available for another attempt.</summary>
    private async Task WaitForStore<T>(HeldCommandContext<T> command, Exception cause, int retries, CancellationToken cancellationToken)
        where T : class, PipeContext
    {
        // The in-memory transport does not redeliver, so a command is held there without a time limit.
        var isRedelivered = command.Context is not ConsumeContext { ReceiveContext.InputAddress.Scheme: "loopback" };
        var limit = isRedelivered ? holdTime : TimeSpan.MaxValue;
        var remaining = limit - clock.GetElapsedTime(command.FirstAttemptAt);
        if (remaining <= TimeSpan.Zero)
        {
            throw new HoldTimeExceededException(cause);
        }

        // The delay grows while the store answers but rejects writes.
        await Task.Delay(JitteredBackoff.GetDelay(retries, InitialDelay, MaxDelay, minShare: 0.5), clock, cancellationToken);
        try
        {
            var available = availability.WaitUntilAvailable(cancellationToken);
            await (isRedelivered ? available.WaitAsync(remaining, clock, cancellationToken) : available);
        }
        catch (TimeoutException)
        {
            throw new HoldTimeExceededException(cause);
        }
    }

    private sealed class HeldCommandContext<T>(StoreRetryPolicy policy, T context) : BaseRetryPolicyContext<T>(policy, context)
        where T : class, PipeContext
    {
        public StoreRetryPolicy Policy => policy;

        /// <summary>The time of the first attempt.</summary>
        public long FirstAttemptAt { get; } = policy.Timestamp;

        protected override RetryContext<T> CreateRetryContext(Exception exception, CancellationToken cancellationToken) =>
            new StoreRetryContext<T>(this, exception, 0, cancellationToken);
    }

    private sealed class StoreRetryContext<T>(
        HeldCommandContext<T> command, Exception exception, int retries, CancellationToken cancellationToken)
        : BaseRetryContext<T>(command.Context, exception, retries, cancellationToken), RetryContext<T>
        where T : class, PipeContext
    {
        public override Task PreRetry() => command.Policy.WaitForStore(command, Exception, RetryCount, CancellationToken);

        public bool CanRetry(Exception exception, out RetryContext<T> retryContext)
        {
            retryContext = new StoreRetryContext<T>(command, exception, RetryCount + 1, CancellationToken);
            return command.Policy.IsHandled(exception) && !CancellationToken.IsCancellationRequested;
        }
    }
}
