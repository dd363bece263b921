using Runs.Client;

namespace Runs.Worker;

/// <summary>What a context needs besides the claim.</summary>
internal sealed record AttemptEnvironment(
    Attempt Attempt,
    HeldAttempts Attempts,
    WorkerConnection Connection,
    RunsClient Client,
    IServiceProvider Services,
    RunLog Log,
    TimeProvider Clock,
    CancellationToken ShuttingDown)
{
    /// <summary>The current time of the monotonic clock.</summary>
    public long Timestamp => Clock.GetTimestamp();
}
