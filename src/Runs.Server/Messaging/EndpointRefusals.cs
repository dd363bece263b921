using System.Collections.Concurrent;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.Api;

namespace Runs.Server.Messaging;

/// <summary>
/// When the broker last refused to let an endpoint consume: its queue is down with its node (404), this user may not use it (403), another connection holds it (405), it
/// exists with other arguments (406), or its replicas have no majority (541). A restart of this process mends none of these, and MassTransit tries again by itself.
/// </summary>
internal sealed class EndpointRefusals(TimeProvider clock) : IReceiveEndpointObserver
{
    // MassTransit tries again after at most 30 seconds; an attempt may take as long.
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, long> _refusedAt = new();

    /// <summary>Whether the broker has refused this endpoint lately.</summary>
    public bool IsRefused(string endpoint) => _refusedAt.TryGetValue(endpoint, out var at) && clock.GetElapsedTime(at) < Validity;

    public Task Ready(ReceiveEndpointReady ready)
    {
        _refusedAt.TryRemove(BusConnectivity.NameOf(ready.InputAddress), out _);
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (IsRefusal(faulted.Exception))
        {
            _refusedAt[BusConnectivity.NameOf(faulted.InputAddress)] = clock.GetTimestamp();
        }

        return Task.CompletedTask;
    }

    private static bool IsRefusal(Exception? exception) => exception switch
    {
        null => false,
        OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer, ReplyCode: 403 or 404 or 405 or 406 or 541 } } => true,
        AggregateException several => several.InnerExceptions.Any(IsRefusal),
        _ => IsRefusal(exception.InnerException),
    };
}
