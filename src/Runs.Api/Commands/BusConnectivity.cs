using System.Collections.Concurrent;
using MassTransit;

namespace Runs.Api.Commands;

/// <summary>
/// The state of this process's bus: which endpoints currently have a consumer, and whether the broker accepts messages.
/// MassTransit's own health check reports an endpoint that the broker repeatedly closes as healthy for most of the
/// time. Here an endpoint has a consumer from the moment it consumes until its channel is closed.
/// </summary>
/// <param name="replyEndpoint">
/// The endpoint that receives the replies to commands. Null when the bus is in-process.
/// </param>
public sealed class BusConnectivity(string? replyEndpoint = null) : IReceiveEndpointObserver
{
    private readonly ConcurrentDictionary<string, bool> _consumingEndpoints = new();
    private volatile bool _isBlocked;

    /// <summary>Whether the broker has blocked this process's connection because of a memory or disk alarm.</summary>
    public bool IsBlocked
    {
        get => _isBlocked;
        set => _isBlocked = value;
    }

    /// <summary>Whether commands can be sent and their replies received.</summary>
    public bool IsConnected => replyEndpoint is null || HasConsumer(replyEndpoint);

    /// <summary>Whether the endpoint of this name has a consumer in this process.</summary>
    public bool HasConsumer(string endpoint) => _consumingEndpoints.GetValueOrDefault(endpoint);

    /// <summary>Gets the endpoint's name from its address.</summary>
    public static string GetEndpointName(Uri inputAddress)
    {
        ArgumentNullException.ThrowIfNull(inputAddress);
        return inputAddress.Segments[^1];
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready) => SetConsuming(ready.InputAddress, consuming: true);

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => SetConsuming(stopping.InputAddress, consuming: false);

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => SetConsuming(completed.InputAddress, consuming: false);

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => SetConsuming(faulted.InputAddress, consuming: false);

    private Task SetConsuming(Uri endpoint, bool consuming)
    {
        _consumingEndpoints[GetEndpointName(endpoint)] = consuming;
        return Task.CompletedTask;
    }
}
