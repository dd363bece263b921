using MassTransit;

namespace Runs.Server.Messaging;

/// <summary>The health of the bus as reported by MassTransit.</summary>
/// <param name="IsHealthy">Whether the bus and all its endpoints are connected.</param>
/// <param name="UnhealthyEndpoints">The names of the endpoints that are not connected.</param>
/// <param name="Description">The description for the log.</param>
internal sealed record BusHealthSnapshot(bool IsHealthy, IReadOnlyList<string> UnhealthyEndpoints, string Description)
{
    public static BusHealthSnapshot FromBus(IBusControl bus)
    {
        var health = bus.CheckHealth();
        var unhealthyEndpoints = health.Endpoints.Values
            .Where(endpoint => endpoint.Status != BusHealthStatus.Healthy)
            .Select(endpoint => BusConnectivity.GetEndpointName(endpoint.InputAddress));
        return new BusHealthSnapshot(health.Status == BusHealthStatus.Healthy, [.. unhealthyEndpoints], health.Description);
    }
}
