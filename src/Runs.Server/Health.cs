using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Runs.Store;

namespace Runs.Server;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: broker and store answer. Neither needs a credential.</summary>
internal static class Health
{
    private const string Ready = "ready"; // MassTransit tags its own check of the bus with it

    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<StoreHealth>("store", tags: [Ready], timeout: TimeSpan.FromSeconds(3));

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = Write });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = Write,
            // MassTransit calls a bus degraded when one of its endpoints is not connected: without its own, no command of this process is ever answered.
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        });
    }

    // Which part is away, and nothing of why: the endpoint is open to anybody.
    private static Task Write(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString().ToLowerInvariant(),
        checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString().ToLowerInvariant()),
    });

    private sealed class StoreHealth(IRunStore store, IEnumerable<IHostedService> services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await store.Ping(cancellationToken);
            return StorePreparation.IsDone(services) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The indexes are being made.");
        }
    }
}
