using System.Collections.Concurrent;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Runs.Server.Messaging;

/// <summary>
/// Records when the broker last rejected an endpoint's consumer: its queue is down with its node (404), this user may
/// not use it (403), another connection holds it (405), it exists with other arguments (406), or its replicas have no
/// majority (541). A restart of this process fixes none of these, and MassTransit retries by itself.
/// </summary>
internal sealed class RejectedEndpoints(TimeProvider clock) : IReceiveEndpointObserver
{
    // MassTransit retries after at most 30 seconds, and an attempt may take as long.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, long> _rejectedAt = new();

    /// <summary>Whether the broker has recently rejected this endpoint.</summary>
    public bool IsRejected(string endpoint) =>
        _rejectedAt.TryGetValue(endpoint, out var rejectedAt) && clock.GetElapsedTime(rejectedAt) < MaxAge;

    public Task Ready(ReceiveEndpointReady ready)
    {
        _rejectedAt.TryRemove(BusConnectivity.GetEndpointName(ready.InputAddress), out _);
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (IsRejection(faulted.Exception))
        {
            _rejectedAt[BusConnectivity.GetEndpointName(faulted.InputAddress)] = clock.GetTimestamp();
        }

        return Task.CompletedTask;
    }

    private static bool IsRejection(Exception? exception) => exception switch
    {
        null => false,
        OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } =>
            reason.ReplyCode is 403 or 404 or 405 or 406 or 541,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsRejection),
        _ => IsRejection(exception.InnerException),
    };
}
