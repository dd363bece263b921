using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Runs.Store;

namespace Runs.Server.Telemetry;

/// <summary>
/// Adds OpenTelemetry, if the standard variables name an endpoint. Otherwise nothing listens, and no span or
/// measurement is created.
/// </summary>
internal static class TelemetryExtensions
{
    private const string MassTransitMeter = "MassTransit";

    private static readonly string[] Meters =
    [
        RunsTelemetry.Name,
        MassTransitMeter,
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.RateLimiting",
        "Microsoft.AspNetCore.Authentication",
        "Microsoft.AspNetCore.Authorization",
        "Microsoft.AspNetCore.Diagnostics",
        "System.Net.Http",
        "System.Runtime",
    ];

    // MassTransit's other attributes contain generated names of endpoints.
    private static readonly MetricStreamConfiguration MassTransitView = new()
    {
        TagKeys = ["messaging.masstransit.message_type", "messaging.masstransit.exception_type"],
    };

    private static readonly string[] UntracedPaths = ["/health", "/docs", "/openapi.json", "/asyncapi.yaml", "/schemas"];

    public static void AddTelemetry(this WebApplicationBuilder builder, ServerComposition composition)
    {
        var services = builder.Services;
        services.AddValidatedOptions<TelemetryOptions>(TelemetryOptions.Section);
        services.RemoveAll<DistributedContextPropagator>();
        services.AddSingleton<DistributedContextPropagator, TraceContextPropagator>();
        services.AddHostedService<ConnectivityGauges>();
        if (composition.HostsLifecycle)
        {
            services.AddHostedService<StoreGauges>();
            if (composition.RabbitMq is not null)
            {
                services.AddHostedService<BrokerGauges>();
            }
        }

        var exporters = TelemetryExporters.From(builder.Configuration);
        if (exporters.IsEmpty)
        {
            return;
        }

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService("runs", serviceVersion: CommandLine.Version)
            .AddAttributes([new("runs.role", composition.Role.ToString().ToLowerInvariant())])
            .AddEnvironmentVariableDetector());
        if (exporters.Traces)
        {
            telemetry.WithTracing(traces => traces.ConfigureTraces(builder.Configuration).AddOtlpExporter());
        }

        if (exporters.Metrics || exporters.MetricsPort is not null)
        {
            telemetry.WithMetrics(metrics => metrics.ConfigureMetrics());
        }

        if (exporters.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter());
        }

        if (exporters.MetricsPort is { } port)
        {
            telemetry.WithMetrics(metrics => metrics.AddPrometheusExporter(MetricsServer.Configure));
            services.AddHostedService(provider => new MetricsServer(
                port, provider.GetRequiredService<MeterProvider>(), HealthEndpoints.Create(provider, composition)));
        }

        if (exporters.Logs)
        {
            telemetry.WithLogging(
                logs => logs.AddOtlpExporter(),
                options => (options.IncludeFormattedMessage, options.IncludeScopes) = (true, true));
        }
    }

    /// <summary>Adds the sources of spans, the sampler and the filter of attributes.</summary>
    public static TracerProviderBuilder ConfigureTraces(this TracerProviderBuilder traces, IConfiguration configuration)
    {
        traces
            .AddSource(RunsTelemetry.Name, "MassTransit", "MongoDB.Driver")
            .AddAspNetCoreInstrumentation(aspNetCore => aspNetCore.Filter = IsTraced)
            .AddProcessor(provider => new SpanAttributeFilter(GetOptions(provider).TenantOnSpans));
        return string.IsNullOrEmpty(configuration["OTEL_TRACES_SAMPLER"])
            ? traces.SetSampler(provider => new RequestSampler(GetOptions(provider)))
            : traces;
    }

    /// <summary>Adds the meters, and keeps generated names out of their attributes.</summary>
    public static MeterProviderBuilder ConfigureMetrics(this MeterProviderBuilder metrics) => metrics
        .AddMeter(Meters)
        .SetExemplarFilter(ExemplarFilterType.TraceBased)
        .AddView(instrument => instrument.Meter.Name != MassTransitMeter ? null
            : instrument.Name.EndsWith(".active", StringComparison.Ordinal) ? MetricStreamConfiguration.Drop // counters that decrease
            : MassTransitView);

    // A stream or a long poll would be a span of minutes or hours.
    private static bool IsTraced(HttpContext http)
    {
        var path = http.Request.Path;
        return !path.Value!.EndsWith("/stream", StringComparison.Ordinal)
            && !http.Request.Query.ContainsKey("wait")
            && !http.Request.Headers["Prefer"].ToString().Contains("wait", StringComparison.OrdinalIgnoreCase)
            && !Array.Exists(UntracedPaths, untraced => path.StartsWithSegments(untraced, StringComparison.Ordinal));
    }

    private static TelemetryOptions GetOptions(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<TelemetryOptions>>().Value;
}
