using System.ComponentModel.DataAnnotations;

namespace Runs.Server.Telemetry;

/// <summary>
/// Settings of metrics and traces, section <c>Telemetry</c>. Those of traces apply when traces are exported; see
/// [operations.md](operations.md#telemetry).
/// </summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// A port, on all addresses of the host, that serves <c>/metrics</c> for Prometheus and the health endpoints, and
    /// requires no credential. Without it, metrics are not served.
    /// </summary>
    [Range(1, 65_535)]
    public int? MetricsPort { get; init; }

    /// <summary>
    /// The fraction of requests and of publishers' messages that are traced. <c>OTEL_TRACES_SAMPLER</c> replaces the
    /// service's sampler.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; init; } = 0.1;

    /// <summary>
    /// Whether callers and publishers decide, with the sampled flag of their trace context, what is traced.
    /// </summary>
    public bool TrustCallerSampling { get; init; }

    /// <summary>Whether spans have the tenant.</summary>
    public bool TenantOnSpans { get; init; } = true;
}
