using Microsoft.Extensions.Diagnostics.HealthChecks;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Server;

/// <summary>
/// <c>/health/live</c>: the process runs. <c>/health/ready</c>: it can do its work; an api can read. <c>/health/commands</c>: it can take commands as well. None needs a
/// credential.
/// </summary>
internal static class Health
{
    private const string Store = "store";
    private const string Broker = "broker";
    private const string Lifecycle = "lifecycle";

    public static void AddHealth(this IServiceCollection services, ServerOptions options)
    {
        // TimeProvider.System: by the fake clock of a test, no outcome would expire and no ping would time out.
        services.AddSingleton(provider => new StorePing(provider.GetRequiredService<IRunStore>(), TimeProvider.System));
        var checks = services.AddHealthChecks().AddCheck<StoreHealth>(Store, timeout: StorePing.Timeout);
        if (options.RunsApi)
        {
            checks.AddCheck<BrokerHealth>(Broker);
        }

        if (options.RunsLifecycle)
        {
            checks.AddCheck<LifecycleHealth>(Lifecycle);
        }
    }

    public static void MapHealth(this WebApplication app, ServerOptions options)
    {
        // An api reads from the store alone. A lifecycle handles commands, and does nothing else.
        Map("/health/live", _ => true, []);
        Map("/health/ready", options.RunsApi ? CanRead : report => report.Status != HealthStatus.Unhealthy, [Store, Broker, Lifecycle]);
        Map("/health/commands", CanTakeCommands, [Store, Broker, Lifecycle]);

        void Map(string path, Func<HealthReport, bool> isWell, string[] checks) => app.Map(path, async (HttpContext context, HealthCheckService health) =>
        {
            var report = await health.CheckHealthAsync(check => checks.Contains(check.Name), context.RequestAborted);
            context.Response.StatusCode = isWell(report) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(Body(report, isWell(report)), context.RequestAborted);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    // Which part is unavailable, and nothing of why: the endpoint is open to anybody.
    private static object Body(HealthReport report, bool isWell)
    {
        var status = !isWell ? HealthStatus.Unhealthy : report.Status == HealthStatus.Healthy ? HealthStatus.Healthy : HealthStatus.Degraded;
        return report.Entries.Count == 0 ? new { status = Text(status) } : new
        {
            status = Text(status),
            commands = CanTakeCommands(report) ? "available" : report.Status == HealthStatus.Degraded ? "degraded" : "unavailable",
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => Text(entry.Value.Status)),
        };

        static string Text(HealthStatus status) => status.ToString().ToLowerInvariant();
    }

    private static bool CanRead(HealthReport report) => report.Entries[Store].Status == HealthStatus.Healthy;

    private static bool CanTakeCommands(HealthReport report) => report.Status == HealthStatus.Healthy;

    /// <summary>Whether the store answers and has its indexes.</summary>
    private sealed class StoreHealth(StorePing store, IEnumerable<IHostedService> services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await store.Ping(cancellationToken);
            return StorePreparation.IsDone(services) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The indexes are being made.");
        }
    }

    /// <summary>Whether commands can be sent and their replies received.</summary>
    private sealed class BrokerHealth(BusConnectivity bus) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(bus.IsConnected ? UnlessBlocked(bus) : HealthCheckResult.Unhealthy("The bus is not connected."));
    }

    /// <summary>Whether both queues of commands have a consumer in this process.</summary>
    private sealed class LifecycleHealth(BusConnectivity bus) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            LifecycleRegistration.Queues.All(bus.HasConsumer) ? UnlessBlocked(bus) : HealthCheckResult.Unhealthy("A queue has no consumer."));
    }

    private static HealthCheckResult UnlessBlocked(BusConnectivity bus) =>
        bus.IsBlocked ? HealthCheckResult.Degraded("The broker takes no messages.") : HealthCheckResult.Healthy();
}
