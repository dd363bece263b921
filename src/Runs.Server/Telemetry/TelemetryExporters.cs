namespace Runs.Server.Telemetry;

/// <summary>
/// The signals that are exported over OTLP, by the standard environment variables, and the port that serves metrics for
/// Prometheus. The SDK reads the other variables itself.
/// </summary>
internal sealed record TelemetryExporters(bool Traces, bool Metrics, bool Logs, int? MetricsPort)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether nothing is exported.</summary>
    public bool IsEmpty => this is { Traces: false, Metrics: false, Logs: false, MetricsPort: null };

    /// <summary>Reads the variables.</summary>
    /// <exception cref="InvalidSettingException">
    /// A variable names an exporter that this server does not have.
    /// </exception>
    public static TelemetryExporters From(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return new TelemetryExporters(false, false, false, null);
        }

        return new TelemetryExporters(
            IsExported("TRACES"),
            IsExported("METRICS"),
            IsExported("LOGS"),
            configuration.GetValue<int?>($"{TelemetryOptions.Section}:{nameof(TelemetryOptions.MetricsPort)}"));

        bool IsExported(string signal)
        {
            var name = $"OTEL_{signal}_EXPORTER";
            return configuration[name] switch
            {
                null or "" => HasValue(Endpoint) || HasValue($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"),
                "otlp" => true,
                "none" => false,
                _ => throw new InvalidSettingException($"{name} must be otlp or none."),
            };
        }

        bool HasValue(string name) => !string.IsNullOrEmpty(configuration[name]);
    }
}
