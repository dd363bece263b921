using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// Request and reply over a durable quorum queue, within one process: a request is a persistent message; a consumer
/// handles it, replies through RabbitMQ's direct reply-to, and acknowledges. Publisher confirms are on. They are not
/// awaited before the reply, which implies them, but a negative one ends the process.
/// </summary>
internal sealed class BaselineRequestQueue : IAsyncDisposable
{
    private const int PublisherCount = 4;
    private const ushort Concurrency = 128;

    private readonly IConnection _consumerConnection;
    private readonly IConnection _publisherConnection;
    private readonly Publisher[] _publishers;
    private int _turn;

    private BaselineRequestQueue(IConnection consumerConnection, IConnection publisherConnection, Publisher[] publishers) =>
        (_consumerConnection, _publisherConnection, _publishers) = (consumerConnection, publisherConnection, publishers);

    /// <summary>Declares the queue and consumes it.</summary>
    /// <param name="broker">The connection string of the broker.</param>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="handle">Handles the body of a request and returns the body of its reply.</param>
    public static async Task<BaselineRequestQueue> Open(
        string broker, string queue, Func<ReadOnlyMemory<byte>, Task<byte[]>> handle)
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker) };
        var consumerConnection = await factory.CreateConnectionAsync();
        var publisherConnection = await factory.CreateConnectionAsync();
        var channel = await consumerConnection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: false,
            publisherConfirmationTrackingEnabled: false,
            consumerDispatchConcurrency: Concurrency));
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, quorum);
        await channel.BasicQosAsync(0, 2 * Concurrency, global: false);
        await channel.BasicConsumeAsync(queue, autoAck: false, new Consumer(channel, handle));
        var publishers = await Task.WhenAll(
            Enumerable.Range(0, PublisherCount).Select(_ => Publisher.Open(publisherConnection, queue)));
        return new BaselineRequestQueue(consumerConnection, publisherConnection, publishers);
    }

    /// <summary>Sends a request and returns the body of its reply.</summary>
    public Task<byte[]> Request(ReadOnlyMemory<byte> body) =>
        _publishers[(uint)Interlocked.Increment(ref _turn) % PublisherCount].Request(body);

    public async ValueTask DisposeAsync()
    {
        await _publisherConnection.DisposeAsync();
        await _consumerConnection.DisposeAsync();
    }

    /// <summary>Handles, replies, and acknowledges, in this order.</summary>
    private sealed class Consumer(IChannel channel, Func<ReadOnlyMemory<byte>, Task<byte[]>> handle)
        : AsyncDefaultBasicConsumer(channel)
    {
        public override async Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            var response = await handle(body);
            var replyProperties = new BasicProperties { CorrelationId = properties.CorrelationId };
            await Channel.BasicPublishAsync("", properties.ReplyTo!, mandatory: false, replyProperties, response, cancellationToken);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
        }
    }

    /// <summary>
    /// A channel that publishes and receives the replies: RabbitMQ's direct reply-to needs both on one channel.
    /// </summary>
    private sealed class Publisher(IChannel channel, string queue) : AsyncDefaultBasicConsumer(channel)
    {
        private const string DirectReplyTo = "amq.rabbitmq.reply-to";

        private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _pendingReplies = [];
        private long _lastCorrelationId;

        public static async Task<Publisher> Open(IConnection connection, string queue)
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: false));
            channel.BasicNacksAsync += (_, _) =>
            {
                Environment.FailFast("The broker rejected a request.");
                return Task.CompletedTask;
            };
            var publisher = new Publisher(channel, queue);
            await channel.BasicConsumeAsync(DirectReplyTo, autoAck: true, publisher);
            return publisher;
        }

        public async Task<byte[]> Request(ReadOnlyMemory<byte> body)
        {
            var id = Interlocked.Increment(ref _lastCorrelationId).ToString(CultureInfo.InvariantCulture);
            var reply = _pendingReplies[id] = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            var properties = new BasicProperties { Persistent = true, ReplyTo = DirectReplyTo, CorrelationId = id };
            try
            {
                await Channel.BasicPublishAsync("", queue, mandatory: false, properties, body);
                return await reply.Task.WaitAsync(TimeSpan.FromSeconds(10));
            }
            finally
            {
                _pendingReplies.TryRemove(id, out _);
            }
        }

        public override Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            if (_pendingReplies.TryGetValue(properties.CorrelationId!, out var reply))
            {
                reply.TrySetResult(body.ToArray());
            }

            return Task.CompletedTask;
        }
    }
}
