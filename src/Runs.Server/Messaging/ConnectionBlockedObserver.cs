using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using RabbitMQ.Client;
using Runs.Api;

namespace Runs.Server.Messaging;

/// <summary>
/// Records in <see cref="BusConnectivity"/> when the broker blocks the bus's connection because of a memory or disk alarm (<c>connection.blocked</c>), and when it unblocks it. Each
/// connection is observed from the moment at which an endpoint consumes on it. The broker tells a connection of an alarm once something is published on it.
/// </summary>
internal sealed partial class ConnectionBlockedObserver(IServiceProvider provider, BusConnectivity state, ILogger<ConnectionBlockedObserver> logger) : IReceiveEndpointObserver
{
    private IConnection? _observed;

    public Task Ready(ReceiveEndpointReady ready)
    {
        _ = Observe(); // not awaited: the endpoint would wait for a connection that it is part of
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private async Task Observe()
    {
        try
        {
            // Resolved late: the observers are there before the bus.
            var host = (IRabbitMqHostConfiguration)provider.GetRequiredService<IBusInstance>().HostConfiguration;
            await host.ConnectionContextSupervisor.Send(Pipe.Execute<ConnectionContext>(context => Observe(context.Connection)), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotObserved(exception); // the connection is lost again; the next one is observed
        }
    }

    private void Observe(IConnection connection)
    {
        if (Interlocked.Exchange(ref _observed, connection) == connection)
        {
            return;
        }

        state.IsBlocked = false;
        connection.ConnectionBlockedAsync += (_, blocked) => Set(connection, blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => Set(connection, null);
        connection.ConnectionShutdownAsync += (_, _) => Set(connection, null);
    }

    private Task Set(IConnection connection, string? reason)
    {
        if (connection == _observed && state.IsBlocked != reason is not null)
        {
            state.IsBlocked = reason is not null;
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

    [LoggerMessage(LogLevel.Error, "The broker blocked the connection ({Reason}): commands are answered 503 until it takes messages again")]
    private partial void LogBlocked(string reason);

    [LoggerMessage(LogLevel.Information, "The broker takes messages again")]
    private partial void LogUnblocked();

    [LoggerMessage(LogLevel.Debug, "The connection could not be observed")]
    private partial void LogNotObserved(Exception exception);
}
