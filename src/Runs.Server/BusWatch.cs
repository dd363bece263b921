using MassTransit;
using RabbitMQ.Client.Exceptions;
using Runs.Server.Messaging;

namespace Runs.Server;

/// <summary>
/// Ends the process, for whoever supervises it to start again, when its bus stays broken although the broker is there. A connection that is lost while an endpoint
/// declares its queues can leave that endpoint waiting for ever (seen with MassTransit 8.5.12): commands then go out and no answer is ever heard.
/// </summary>
internal sealed partial class BusWatch(
    RabbitMqConnectionSettings settings, IBusControl bus, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<BusWatch> logger) : BackgroundService
{
    /// <summary>What the process ends with: trouble that a new start mends.</summary>
    public const int ExitCode = 75;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Reconnecting takes up to half a minute where everything is slow.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        long? brokenSince = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // A broker that is away explains everything, and is waited for.
            if (bus.CheckHealth() is not { Status: not BusHealthStatus.Healthy } broken || !await BrokerIsThere(stoppingToken))
            {
                brokenSince = null;
                continue;
            }

            brokenSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(brokenSince.Value) > Patience)
            {
                LogGivingUp(broken.Description);
                Environment.ExitCode = ExitCode;
                lifetime.StopApplication();
                return;
            }
        }
    }

    private async Task<bool> BrokerIsThere(CancellationToken stopping)
    {
        try
        {
            var factory = settings.CreateFactory();
            (factory.ContinuationTimeout, factory.ClientProvidedName) = (Interval, "Runs.Server.BusWatch");
            await using var connection = await factory.CreateConnectionAsync(stopping);
            return connection.IsOpen;
        }
        catch (Exception trouble) when (trouble is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Critical, "The broker answers, and the bus has not come back for a minute; the process ends to be started again: {Description}")]
    private partial void LogGivingUp(string description);
}
