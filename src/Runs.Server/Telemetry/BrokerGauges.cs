using System.Diagnostics.Metrics;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using MassTransit.Transports;
using OpenTelemetry;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Server.Telemetry;

/// <summary>
/// Reports how many messages the queues of the broker hold and how many consumers they have. Every process with the
/// lifecycle role reports the same, about every 30 seconds and only while there is a listener. Without a broker there
/// are no values. A queue that does not exist yet is reported as empty: an error queue exists from the first error.
/// </summary>
internal sealed partial class BrokerGauges : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // The values of the attribute, and the queues.
    private static readonly (string Name, string Queue)[] Queues =
    [
        ("commands", ApiCommandQueue.Name),
        ("commands_error", $"{ApiCommandQueue.Name}_error"),
        ("commands_skipped", $"{ApiCommandQueue.Name}_skipped"),
        ("lifecycle", RunSagaDefinition.QueueName),
        ("lifecycle_error", $"{RunSagaDefinition.QueueName}_error"),
        ("lifecycle_skipped", $"{RunSagaDefinition.QueueName}_skipped"),
        ("dead_letters", QueueArguments.DeadLetterQueue),
    ];

    private readonly IServiceProvider _services;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Instrument[] _instruments;
    private IReadOnlyList<QueueState> _states = [];

    public BrokerGauges(IServiceProvider services, IMeterFactory meters, TimeProvider clock, ILogger<BrokerGauges> logger)
    {
        (_services, _clock, _logger) = (services, clock, logger);
        var meter = meters.GetMeter();
        _instruments =
        [
            meter.CreateObservableGauge(
                "runs.broker.messages", () => Observe(state => state.Messages), "{message}", "Messages that are ready in a queue."),
            meter.CreateObservableGauge(
                "runs.broker.consumers", () => Observe(state => state.Consumers), "{consumer}", "Consumers of a queue, of all processes."),
        ];
    }

    /// <summary>Reads the state of the queues once.</summary>
    public async Task Refresh(CancellationToken cancellationToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var states = new List<QueueState>();
        var host = (IRabbitMqHostConfiguration)_services.GetRequiredService<IBusInstance>().HostConfiguration;
        var read = Pipe.ExecuteAsync<ConnectionContext>(async context =>
        {
            foreach (var (name, queue) in Queues)
            {
                states.Add(await Read(context.Connection, name, queue, cancellationToken));
            }
        });
        await host.ConnectionContextSupervisor.Send(read, cancellationToken);
        _states = states;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            if (Array.Exists(_instruments, instrument => instrument.Enabled))
            {
                await TryRefresh(stoppingToken);
            }

            await Task.Delay(JitteredBackoff.GetDelay(0, Interval, Interval, minShare: 0.8), _clock, stoppingToken);
        }
    }

    private async Task TryRefresh(CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Timeout);
        try
        {
            await Refresh(deadline.Token).WaitAsync(deadline.Token); // a supervisor without a connection waits for one
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            _states = [];
            LogReadFailed(exception);
        }
    }

    // A separate channel for each queue: the broker closes the channel if the queue does not exist.
    private static async Task<QueueState> Read(IConnection connection, string name, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            var declared = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return new QueueState(name, declared.MessageCount, declared.ConsumerCount);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            return new QueueState(name, 0, 0);
        }
    }

    private IEnumerable<Measurement<long>> Observe(Func<QueueState, long> select) => _states.Select(
        state => new Measurement<long>(select(state), new KeyValuePair<string, object?>(TelemetryAttributes.Queue, state.Name)));

    [LoggerMessage(LogLevel.Debug, "Failed to read the queues of the broker; will retry")]
    private partial void LogReadFailed(Exception exception);

    private sealed record QueueState(string Name, long Messages, long Consumers);
}
