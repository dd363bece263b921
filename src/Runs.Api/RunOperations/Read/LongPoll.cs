using Microsoft.Extensions.Hosting;
using Runs.Store;

namespace Runs.Api.RunOperations;

/// <summary>Waits for changes of a run on behalf of a request.</summary>
internal sealed class LongPoll(
    RunSubscriptions subscriptions, ApiMetrics metrics, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    /// <summary>
    /// Waits until the run meets the condition, the timeout elapses, or the process stops. The caller reads the run
    /// afterwards.
    /// </summary>
    public async Task Wait(Guid id, Func<Run, bool> condition, TimeSpan timeout, CancellationToken aborted)
    {
        using var counted = metrics.OpenSubscriber("poll");
        var startedAt = clock.GetTimestamp();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        try
        {
            using var subscriber = await subscriptions.Subscribe(id, stopping.Token);
            var hasChanged = subscriber is not null;
            while (subscriber is { View: var view } && hasChanged && !condition(view.Run))
            {
                hasChanged = await view.WaitForChange(timeout - clock.GetElapsedTime(startedAt), clock, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // The process stops.
        }
    }
}
