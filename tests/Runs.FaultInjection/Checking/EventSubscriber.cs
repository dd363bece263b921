using System.Collections.Concurrent;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Hears what is told of runs, on a durable queue of its own that loses nothing while it is away. It writes down what it hears before it acknowledges, and comes back by
/// itself whenever the broker does.
/// </summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    private static readonly string[] Exchanges = ["runs.run-accepted", "runs.run-started", "runs.run-finished"];

    private readonly Experiment _experiment;
    private readonly string _queue;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _consuming;
    private int _receivedCount;
    private int _republishedCount;

    private EventSubscriber(Experiment experiment)
    {
        (_experiment, _queue) = (experiment, $"{experiment.RunIdPrefix}-listener");
        _consuming = ConsumeUntilClosed();
    }

    /// <summary>The message ids of each fact: of a run's id and <c>RunAccepted</c>, <c>RunStarted</c> or <c>RunFinished</c>.</summary>
    public ConcurrentDictionary<(string Run, string Fact), ConcurrentDictionary<string, string?>> Events { get; } = new();

    public int ReceivedCount => _receivedCount;

    /// <summary>Facts that were told again.</summary>
    public int RepublishedCount => _republishedCount;

    public static async Task<EventSubscriber> Start(Experiment experiment)
    {
        var listener = new EventSubscriber(experiment);
        await listener._subscribed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _consuming;
        _closing.Dispose();
    }

    private async Task ConsumeUntilClosed()
    {
        var factory = new ConnectionFactory { Uri = _experiment.BrokerUrl, AutomaticRecoveryEnabled = false, RequestedHeartbeat = TimeSpan.FromSeconds(5) };
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await using var connection = await factory.CreateConnectionAsync(_closing.Token);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: _closing.Token);
                await StartConsumer(channel);
                var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                channel.ChannelShutdownAsync += (_, _) =>
                {
                    gone.TrySetResult();
                    return Task.CompletedTask;
                };
                _subscribed.TrySetResult();
                await gone.Task.WaitAsync(_closing.Token);
            }
            catch (Exception trouble) when (RecordingAmqpClient.IsConnectionFailure(trouble) || trouble is OperationCanceledException)
            {
                await Task.Delay(200);
            }
        }

        await DeleteQueue(factory);
    }

    private async Task StartConsumer(IChannel channel)
    {
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = 3_600_000 };
        await channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, quorum, cancellationToken: _closing.Token);
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
            return; // somebody else's
        }

        var fact = envelope.GetProperty("messageType")[0].GetString()!.Split(':')[^1];
        var ids = Events.GetOrAdd((message.GetProperty("run_id").GetString()!, fact), _ => new());
        Interlocked.Increment(ref _receivedCount);
        if (!ids.TryAdd(envelope.GetProperty("messageId").GetString()!, message.TryGetProperty("status", out var status) ? status.GetString() : null) && !delivery.Redelivered)
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
        catch (Exception trouble) when (RecordingAmqpClient.IsConnectionFailure(trouble) || trouble is OperationCanceledException)
        {
            // it expires
        }
    }
}
