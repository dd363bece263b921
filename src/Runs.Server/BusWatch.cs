using MassTransit;
using RabbitMQ.Client.Exceptions;
using Runs.Api;
using Runs.Server.Messaging;

namespace Runs.Server;

/// <summary>
/// Ends the process, for its supervisor to start it again, when its bus stays broken although the broker answers. A connection that is lost while an endpoint declares its
/// queues can leave that endpoint waiting for ever (seen with MassTransit 8.5.12): commands are sent and no reply is ever received. It never ends the process for what a restart
/// cannot mend: a broker that does not answer, and an endpoint that the broker refuses.
/// </summary>
internal sealed partial class BusWatch(
    Func<BusCondition> condition,
    Func<CancellationToken, Task<bool>> brokerAnswers,
    EndpointRefusals refusals,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<BusWatch> logger) : BackgroundService
{
    /// <summary>The exit code that asks the supervisor for a restart.</summary>
    public const int ExitCode = 75;

    /// <summary>How often the bus is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Reconnecting takes up to half a minute where everything is slow.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Whether a new connection to the broker can be opened.</summary>
    public static async Task<bool> BrokerAnswers(RabbitMqConnectionSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            var factory = settings.CreateFactory();
            (factory.ContinuationTimeout, factory.ClientProvidedName) = (Interval, "Runs.Server.BusWatch");
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            return connection.IsOpen;
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
        {
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        long? brokenSince = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var current = condition();
            if (current.IsHealthy || !IsMendedByRestart(current) || !await brokerAnswers(stoppingToken))
            {
                brokenSince = null;
                continue;
            }

            brokenSince ??= clock.GetTimestamp();
            if (clock.GetElapsedTime(brokenSince.Value) >= Limit)
            {
                LogEnding(current.Description);
                Environment.ExitCode = ExitCode;
                lifetime.StopApplication();
                return;
            }
        }
    }

    // An endpoint is stuck when it is broken and the broker has not refused it. A bus that is broken without such an endpoint has lost its connection.
    private bool IsMendedByRestart(BusCondition broken) =>
        broken.BrokenEndpoints.Count == 0 || broken.BrokenEndpoints.Any(endpoint => !refusals.IsRefused(endpoint));

    [LoggerMessage(LogLevel.Critical, "The broker answers, and the bus has been broken for a minute. The process ends with exit code 75, to be started again: {Description}")]
    private partial void LogEnding(string description);
}

/// <summary>What the bus says of itself.</summary>
/// <param name="IsHealthy">Whether the bus and all its endpoints are connected.</param>
/// <param name="BrokenEndpoints">The names of the endpoints that are not.</param>
/// <param name="Description">For the log.</param>
internal sealed record BusCondition(bool IsHealthy, IReadOnlyList<string> BrokenEndpoints, string Description)
{
    public static BusCondition Of(IBusControl bus)
    {
        var health = bus.CheckHealth();
        return new BusCondition(
            health.Status == BusHealthStatus.Healthy,
            [.. health.Endpoints.Values.Where(endpoint => endpoint.Status != BusHealthStatus.Healthy).Select(endpoint => BusConnectivity.NameOf(endpoint.InputAddress))],
            health.Description);
    }
}
