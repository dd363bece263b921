using Microsoft.AspNetCore.Connections;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Runs.Server.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> and the health endpoints on a separate port, which serves no route of the API. The API's port
/// may be public, and a check of the header <c>Host</c> would protect nothing, because the caller chooses it.
/// </summary>
internal sealed class MetricsServer : IHostedService, IAsyncDisposable
{
    private const string Path = "/metrics";

    private readonly int _port;
    private readonly WebApplication _app;

    public MetricsServer(int port, MeterProvider meters, IReadOnlyDictionary<string, RequestDelegate> health)
    {
        _port = port;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(port);
        });
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, http => http.Request.Path == Path, path: null, configureBranchedPipeline: null, optionsName: null);
        _app.Run(http =>
        {
            if (health.TryGetValue(http.Request.Path, out var respond))
            {
                return respond(http);
            }

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Leaves out what all series would repeat.</summary>
    public static void Configure(PrometheusAspNetCoreOptions options) => options.ScopeInfoEnabled = false;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new InvalidSettingException($"Telemetry:MetricsPort: port {_port} is in use.", exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
