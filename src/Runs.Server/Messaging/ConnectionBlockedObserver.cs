using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using RabbitMQ.Client;

namespace Runs.Server.Messaging;

/// <summary>
/// Records in <see cref="BusConnectivity"/> when the broker blocks the bus's connection because of a memory or disk
/// alarm (<c>connection.blocked</c>), and when it unblocks it. Each connection is observed from the moment at which an
/// endpoint consumes on it. The broker notifies a connection of an alarm only after something is published on it.
/// </summary>
internal sealed partial class ConnectionBlockedObserver(
    IServiceProvider provider, BusConnectivity connectivity, ILogger<ConnectionBlockedObserver> logger) : IReceiveEndpointObserver
{
    private IConnection? _observed;

    public Task Ready(ReceiveEndpointReady ready)
    {
        _ = Observe(); // not awaited: the endpoint would wait for its own connection
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private async Task Observe()
    {
        try
        {
            // Resolved late, because the observers are created before the bus.
            var host = (IRabbitMqHostConfiguration)provider.GetRequiredService<IBusInstance>().HostConfiguration;
            var observe = Pipe.Execute<ConnectionContext>(context => Observe(context.Connection));
            await host.ConnectionContextSupervisor.Send(observe, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogObservationFailed(exception); // the connection was lost again; the next one will be observed
        }
    }

    private void Observe(IConnection connection)
    {
        if (Interlocked.Exchange(ref _observed, connection) == connection)
        {
            return;
        }

        connectivity.IsBlocked = false;
        connection.ConnectionBlockedAsync += (_, blocked) => SetBlocked(connection, blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(connection, null);
        connection.ConnectionShutdownAsync += (_, _) => SetBlocked(connection, null);
    }

    private Task SetBlocked(IConnection connection, string? reason)
    {
        if (connection == _observed && connectivity.IsBlocked != reason is not null)
        {
            connectivity.IsBlocked = reason is not null;
            if (reason is not null)
            {
                LogBlocked(reason);
            }
            else
            {
                LogUnblocked();
            }
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Error, "The broker blocked the connection ({Reason}); commands get status 503 until it accepts messages again")]
    private partial void LogBlocked(string reason);

    [LoggerMessage(LogLevel.Information, "The broker unblocked the connection")]
    private partial void LogUnblocked();

    [LoggerMessage(LogLevel.Debug, "Failed to observe the connection")]
    private partial void LogObservationFailed(Exception exception);
}
