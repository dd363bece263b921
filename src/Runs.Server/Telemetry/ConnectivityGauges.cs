using System.Diagnostics.Metrics;
using Runs.Store;

namespace Runs.Server.Telemetry;

/// <summary>Reports whether this process can use the store and the broker, as it currently knows.</summary>
internal sealed class ConnectivityGauges : IHostedService
{
    public ConnectivityGauges(IMeterFactory meters, StoreAvailability store, BusConnectivity bus)
    {
        var meter = meters.GetMeter();
        meter.CreateObservableGauge("runs.store.available", () => store.IsAvailable ? 1 : 0, "1", "1 while the store is available.");
        meter.CreateObservableGauge(
            "runs.broker.blocked", () => bus.IsBlocked ? 1 : 0, "1", "1 while the broker accepts no messages: memory or disk alarm.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
