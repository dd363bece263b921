using System.Collections.Concurrent;
using MassTransit;

namespace Runs.Api;

/// <summary>
/// What this process knows of its bus: which endpoints have a consumer at this moment, and whether the broker takes messages. MassTransit's own health keeps an endpoint that
/// the broker closes again and again healthy for most of the time; here an endpoint has a consumer from the moment at which it consumes until its channel is closed.
/// </summary>
/// <param name="replyEndpoint">The endpoint that receives the replies to commands. Null where the bus is inside this process.</param>
public sealed class BusConnectivity(string? replyEndpoint = null) : IReceiveEndpointObserver
{
    private readonly ConcurrentDictionary<string, bool> _consuming = new();
    private volatile bool _isBlocked;

    /// <summary>Whether the broker has told this process that it takes no messages, for want of memory or disk.</summary>
    public bool IsBlocked
    {
        get => _isBlocked;
        set => _isBlocked = value;
    }

    /// <summary>Whether commands can be sent and their replies received.</summary>
    public bool IsConnected => replyEndpoint is null || HasConsumer(replyEndpoint);

    /// <summary>Whether the endpoint of this name has a consumer in this process.</summary>
    public bool HasConsumer(string endpoint) => _consuming.GetValueOrDefault(endpoint);

    /// <summary>The name of an endpoint in its address.</summary>
    public static string NameOf(Uri inputAddress)
    {
        ArgumentNullException.ThrowIfNull(inputAddress);
        return inputAddress.Segments[^1];
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready) => Set(ready.InputAddress, consuming: true);

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Set(stopping.InputAddress, consuming: false);

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Set(completed.InputAddress, consuming: false);

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Set(faulted.InputAddress, consuming: false);

    private Task Set(Uri endpoint, bool consuming)
    {
        _consuming[NameOf(endpoint)] = consuming;
        return Task.CompletedTask;
    }
}
