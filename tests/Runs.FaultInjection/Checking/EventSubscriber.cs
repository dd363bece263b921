using System.Collections.Concurrent;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Receives the published events of runs on its own durable queue, which loses nothing while the subscriber is away. It
/// records each event before it acknowledges it, and connects again whenever the broker is back.
/// </summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    private static readonly string[] Exchanges =
        ["runs.run-accepted", "runs.run-started", "runs.run-attempt-started", "runs.run-finished"];

    private readonly Experiment _experiment;
    private readonly string _queue;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _consuming;
    private int _receivedCount;
    private int _republishedCount;

    private EventSubscriber(Experiment experiment)
    {
        (_experiment, _queue) = (experiment, $"{experiment.RunIdPrefix}-subscriber");
        _consuming = ConsumeUntilClosed();
    }

    /// <summary>
    /// The events by the run id and their name, such as <c>RunAccepted</c>: for each message id the status of the run.
    /// </summary>
    public ConcurrentDictionary<(string RunId, string EventName), ConcurrentDictionary<string, string?>> Events { get; } = new();

    public int ReceivedCount => _receivedCount;

    /// <summary>Events that were published again.</summary>
    public int RepublishedCount => _republishedCount;

    public static async Task<EventSubscriber> Start(Experiment experiment)
    {
        var subscriber = new EventSubscriber(experiment);
        await subscriber._subscribed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return subscriber;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _consuming;
        _closing.Dispose();
    }

    private async Task ConsumeUntilClosed()
    {
        var factory = new ConnectionFactory
        {
            Uri = _experiment.BrokerUrl,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
        };
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await using var connection = await factory.CreateConnectionAsync(_closing.Token);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: _closing.Token);
                await StartConsumer(channel);
                var shutdown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                channel.ChannelShutdownAsync += (_, _) =>
                {
                    shutdown.TrySetResult();
                    return Task.CompletedTask;
                };
                _subscribed.TrySetResult();
                await shutdown.Task.WaitAsync(_closing.Token);
            }
            catch (Exception exception)
                when (RecordingAmqpClient.IsConnectionFailure(exception) || exception is OperationCanceledException)
            {
                await Task.Delay(200);
            }
        }

        await DeleteQueue(factory);
    }

    private async Task StartConsumer(IChannel channel)
    {
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = 3_600_000 };
        await channel.QueueDeclareAsync(
            _queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            quorum,
            cancellationToken: _closing.Token);
        foreach (var exchange in Exchanges)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: _closing.Token);
            await channel.QueueBindAsync(_queue, exchange, "", cancellationToken: _closing.Token);
        }

        await channel.BasicQosAsync(0, 500, global: false, _closing.Token);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            RecordEvent(delivery);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, _closing.Token);
    }

    private void RecordEvent(BasicDeliverEventArgs delivery)
    {
        var envelope = JsonElement.Parse(delivery.Body.Span);
        var message = envelope.GetProperty("message");
        if (message.GetProperty("owner").GetProperty("id").GetString() != _experiment.ProjectId)
        {
            return; // an event of another test run
        }

        var eventName = envelope.GetProperty("messageType")[0].GetString()!.Split(':')[^1];
        var ids = Events.GetOrAdd((message.GetProperty("run_id").GetString()!, eventName), _ => new());
        var status = message.TryGetProperty("status", out var member) ? member.GetString() : null;
        Interlocked.Increment(ref _receivedCount);
        if (!ids.TryAdd(envelope.GetProperty("messageId").GetString()!, status) && !delivery.Redelivered)
        {
            Interlocked.Increment(ref _republishedCount);
        }
    }

    private async Task DeleteQueue(ConnectionFactory factory)
    {
        try
        {
            await using var connection = await factory.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync(_queue);
        }
        catch (Exception exception)
            when (RecordingAmqpClient.IsConnectionFailure(exception) || exception is OperationCanceledException)
        {
            // The queue expires.
        }
    }
}
