using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Runs.Worker;

/// <summary>Unhealthy while a handler is stuck, degraded while the server does not answer.</summary>
internal sealed class WorkerHealthCheck(WorkerHealth health) : IHealthCheck
{
    // Longer than a claim takes.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(90);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuck = health.StuckRuns;
        return Task.FromResult(
            stuck.Count > 0 ? HealthCheckResult.Unhealthy($"Handlers ignore their token: {string.Join(", ", stuck)}.")
            : health.Silence > MaxSilence
                ? HealthCheckResult.Degraded($"The server has not answered for {health.Silence.TotalSeconds:0} s.")
            : HealthCheckResult.Healthy());
    }
}
