using RabbitMQ.Client.Exceptions;

namespace Runs.Server.Messaging;

/// <summary>
/// Stops the process, so that its supervisor restarts it, when its bus stays unhealthy although the broker answers. A
/// connection that is lost while an endpoint declares its queues can leave that endpoint waiting indefinitely (observed
/// with MassTransit 8.5.12): commands are sent and no reply is ever received. The watchdog never stops the process for
/// failures that a restart cannot fix: a broker that does not answer, and an endpoint that the broker rejects.
/// </summary>
internal sealed partial class BusWatchdog(
    Func<BusHealthSnapshot> getHealth,
    Func<CancellationToken, Task<bool>> canConnect,
    RejectedEndpoints rejectedEndpoints,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BusWatchdog> logger) : BackgroundService
{
    /// <summary>The exit code that requests a restart from the supervisor.</summary>
    public const int ExitCode = 75;

    /// <summary>The interval between checks of the bus.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    // A reconnect takes up to half a minute on slow systems.
    private static readonly TimeSpan MaxUnhealthyTime = TimeSpan.FromMinutes(1);

    /// <summary>Whether a new connection to the broker can be opened.</summary>
    public static async Task<bool> CanConnectToBroker(RabbitMqConnectionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            var factory = settings.CreateFactory();
            (factory.ContinuationTimeout, factory.ClientProvidedName) = (CheckInterval, "runs-watchdog");
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            return connection.IsOpen;
        }
        catch (Exception exception) when (
            exception is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
        {
            return false; // MassTransit's own attempt to connect fails for the same reason, and logs it
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, clock);
        long? unhealthySince = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var current = getHealth();
            if (current.IsHealthy || !CanRestartHelp(current) || !await canConnect(stoppingToken))
            {
                unhealthySince = null;
                continue;
            }

            unhealthySince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(unhealthySince.Value) >= MaxUnhealthyTime)
            {
                LogRestartRequested(current.Description);
                Environment.ExitCode = ExitCode;
                lifetime.StopApplication();
                return;
            }
        }
    }

    // An endpoint is stuck if it is unhealthy and the broker has not rejected it. If the bus is unhealthy and no
    // endpoint is, the bus has lost its connection.
    private bool CanRestartHelp(BusHealthSnapshot health) =>
        health.UnhealthyEndpoints.Count == 0 || health.UnhealthyEndpoints.Any(endpoint => !rejectedEndpoints.IsRejected(endpoint));

    [LoggerMessage(
        LogLevel.Critical,
        "The bus was unhealthy for a minute although the broker answered; stopping with exit code 75 for a restart: {Description}")]
    private partial void LogRestartRequested(string description);
}
