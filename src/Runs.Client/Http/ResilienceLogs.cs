using Polly.Telemetry;

namespace Runs.Client.Http;

/// <summary>
/// What the pipelines log: an attempt that succeeds at the level <c>Debug</c>, because there is one for each call.
/// </summary>
internal static class ResilienceLogs
{
    // As the HTTP client factory names them: the client, then the handler.
    private static readonly string[] Pipelines = [$"{ApiClients.Calls}-standard", $"{ApiClients.Polls}-{ApiClients.Polls}"];

    /// <summary>Lowers the severity for the pipelines of the client alone.</summary>
    public static void Configure(TelemetryOptions options)
    {
        var next = options.SeverityProvider;
        options.SeverityProvider = arguments =>
            arguments.Event.Severity == ResilienceEventSeverity.Information && Pipelines.Contains(arguments.Source.PipelineName)
                ? ResilienceEventSeverity.Debug
                : next?.Invoke(arguments) ?? arguments.Event.Severity;
    }
}
