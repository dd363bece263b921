using Microsoft.Extensions.Diagnostics.HealthChecks;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Server.Health;

/// <summary>
/// <c>/health/live</c>: the process runs. <c>/health/ready</c>: the process can do its work; for a process with the API
/// this means that it can read. <c>/health/commands</c>: the process can also accept commands. No endpoint requires a
/// credential.
/// </summary>
internal static class HealthEndpoints
{
    private const string StoreCheck = "store";
    private const string BrokerCheck = "broker";
    private const string LifecycleCheck = "lifecycle";
    private const string TimeZoneCheck = "time_zones";

    private static readonly string[] AllChecks = [StoreCheck, BrokerCheck, LifecycleCheck, TimeZoneCheck];

    public static void AddHealth(this IServiceCollection services, ServerComposition composition)
    {
        // TimeProvider.System: with a test's fake clock, no result would expire and no ping would time out.
        services.AddSingleton(provider => new StorePing(provider.GetRequiredService<IRunStore>(), TimeProvider.System));
        var checks = services.AddHealthChecks().AddCheck<StoreHealthCheck>(StoreCheck, timeout: StorePing.Timeout)
            .AddCheck(TimeZoneCheck, () => TimeZones.HasData
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The host has no time zone data, which schedules need."));
        if (composition.HostsApi)
        {
            checks.AddCheck<BrokerHealthCheck>(BrokerCheck);
        }

        if (composition.HostsLifecycle)
        {
            checks.AddCheck<LifecycleHealthCheck>(LifecycleCheck);
        }
    }

    public static void MapHealth(this WebApplication app, ServerComposition composition)
    {
        foreach (var (path, respond) in Create(app.Services, composition))
        {
            app.Map(path, respond).AllowAnonymous().DisableHttpMetrics().ExcludeFromDescription();
        }
    }

    /// <summary>The paths, and what responds to them.</summary>
    public static IReadOnlyDictionary<string, RequestDelegate> Create(IServiceProvider services, ServerComposition composition)
    {
        // A process that stops is not ready, so that a load balancer sends it no new requests over open connections.
        // The API needs only the store for reads. The lifecycle role only handles commands.
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var health = services.GetRequiredService<HealthCheckService>();
        var isReady = composition.HostsApi ? (Func<HealthReport, bool>)CanRead : CanHandleCommands;
        return new Dictionary<string, RequestDelegate>(StringComparer.OrdinalIgnoreCase)
        {
            ["/health/live"] = http => Respond(http, health, _ => true, []),
            ["/health/ready"] = http => Respond(http, health, report => !stopping.IsCancellationRequested && isReady(report), AllChecks),
            ["/health/commands"] =
                http => Respond(http, health, report => !stopping.IsCancellationRequested && CanAcceptCommands(report), AllChecks),
        };
    }

    private static async Task Respond(
        HttpContext context, HealthCheckService health, Func<HealthReport, bool> isHealthy, string[] checks)
    {
        var report = await health.CheckHealthAsync(check => checks.Contains(check.Name), context.RequestAborted);
        context.Response.StatusCode = isHealthy(report) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(CreateResponseBody(report, isHealthy(report)), context.RequestAborted);
    }

    // The body names the unavailable part but not the reason, because the endpoint requires no credential.
    private static object CreateResponseBody(HealthReport report, bool isHealthy)
    {
        var status = (isHealthy, report.Status) switch
        {
            (false, _) => HealthStatus.Unhealthy,
            (true, HealthStatus.Healthy) => HealthStatus.Healthy,
            _ => HealthStatus.Degraded,
        };
        return report.Entries.Count == 0 ? new { status = Format(status) } : new
        {
            status = Format(status),
            commands = report.Status switch
            {
                HealthStatus.Healthy => "available",
                HealthStatus.Degraded => "degraded",
                _ => "unavailable",
            },
            checks = report.Entries.ToDictionary(entry => entry.Key, entry => Format(entry.Value.Status)),
        };
    }

    private static string Format(HealthStatus status) => status.ToString().ToLowerInvariant();

    private static bool CanHandleCommands(HealthReport report) => report.Status != HealthStatus.Unhealthy;

    private static bool CanRead(HealthReport report) =>
        report.Entries[StoreCheck].Status == HealthStatus.Healthy && report.Entries[TimeZoneCheck].Status == HealthStatus.Healthy;

    private static bool CanAcceptCommands(HealthReport report) => report.Status == HealthStatus.Healthy;

    /// <summary>Checks that the store answers and has its indexes.</summary>
    private sealed class StoreHealthCheck(StorePing store, StoreInitializer initializer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await store.Ping(cancellationToken);
            return initializer.IsInitialized ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The indexes are being created.");
        }
    }

    /// <summary>Checks that commands can be sent and their replies received.</summary>
    private sealed class BrokerHealthCheck(BusConnectivity bus) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(bus.IsConnected ? HealthyUnlessBlocked(bus) : HealthCheckResult.Unhealthy("The bus is not connected."));
    }

    /// <summary>Checks that both command queues have a consumer in this process.</summary>
    private sealed class LifecycleHealthCheck(BusConnectivity bus) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(LifecycleServiceCollectionExtensions.QueueNames.All(bus.HasConsumer)
                ? HealthyUnlessBlocked(bus)
                : HealthCheckResult.Unhealthy("A queue has no consumer."));
    }

    private static HealthCheckResult HealthyUnlessBlocked(BusConnectivity bus) =>
        bus.IsBlocked ? HealthCheckResult.Degraded("The broker accepts no messages.") : HealthCheckResult.Healthy();
}
