using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Runs.Worker;

/// <summary>Adds the health check of a worker.</summary>
public static class RunsWorkerHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is unhealthy while a handler does not stop although it must, and degraded while the server
    /// does not answer.
    /// </summary>
    /// <param name="checks">The health checks of the application.</param>
    /// <param name="worker">The name of the worker; the one without a name when absent.</param>
    public static IHealthChecksBuilder AddRunsWorker(this IHealthChecksBuilder checks, string worker = "")
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new HealthCheckRegistration(
            worker.Length == 0 ? "runs-worker" : $"runs-worker-{worker}",
            services => new WorkerHealthCheck(services.GetRequiredKeyedService<WorkerService>(worker).Health),
            failureStatus: null,
            tags: null));
    }
}
