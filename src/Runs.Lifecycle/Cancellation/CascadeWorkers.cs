using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Runs.Lifecycle;

/// <summary>
/// Cancels run trees, separately from the publishing of messages: a few workers take turns with the trees of all
/// tenants. Each turn is one step of <see cref="CascadeProcessor"/>.
/// </summary>
internal sealed partial class CascadeWorkers(CascadeQueue queue, CascadeProcessor processor, ILogger<CascadeWorkers> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var workers = Enumerable.Range(0, CascadeProcessor.MaxConcurrentSteps);
        return Task.WhenAll(workers.Select(_ => Task.Run(() => ProcessQueue(stoppingToken), stoppingToken)));
    }

    private async Task ProcessQueue(CancellationToken stopping)
    {
        await foreach (var cascade in queue.ReadAll(stopping))
        {
            var isFinished = true;
            try
            {
                isFinished = await processor.ProcessStep(cascade, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogCancellationFailed(exception, cascade.Tenant, cascade.RunId); // the outbox sweep enqueues it again
            }

            queue.CompleteStep(cascade, isFinished);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Failed to cancel the descendants of run {RunId} of tenant {Tenant}; will retry")]
    private partial void LogCancellationFailed(Exception exception, string tenant, string runId);
}
