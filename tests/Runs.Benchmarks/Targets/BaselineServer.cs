using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;

namespace Runs.Benchmarks.Targets;

/// <summary>
/// The bar: the smallest pipeline with the same promises, written by hand. A request is published, persistent, to a durable quorum queue; a consumer inserts one document for it, confirmed
/// by a majority and journaled, replies, and acknowledges; then comes the 202. Publisher confirms are on; nobody waits for them before the reply, which says more, but one that is negative ends the
/// process. No state machine, no validation, no authentication, no events.
/// </summary>
internal static class BaselineServer
{
    private const string Queue = "floor-creates";
    private const int PublisherCount = 4;
    private const ushort Concurrency = 128;

    public static async Task Run(int port, string broker, string store)
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker) };
        await using var consuming = await factory.CreateConnectionAsync();
        await using var publishing = await factory.CreateConnectionAsync();

        var consumer = await consuming.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: Concurrency));
        await consumer.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await consumer.BasicQosAsync(0, 2 * Concurrency, global: false);
        var runs = new BaselineRunStore(store);
        await consumer.BasicConsumeAsync(Queue, autoAck: false, new CreateConsumer(consumer, runs));

        var publishers = await Task.WhenAll(Enumerable.Range(0, PublisherCount).Select(_ => Publisher.Open(publishing)));
        var turn = 0;
        await BaselineHttpServer.Serve(port, body => publishers[(uint)Interlocked.Increment(ref turn) % PublisherCount].Request(body), runs.Find);
    }

    /// <summary>Inserts, replies, acknowledges: in this order.</summary>
    private sealed class CreateConsumer(IChannel channel, BaselineRunStore runs) : AsyncDefaultBasicConsumer(channel)
    {
        public override async Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            var answer = await runs.Create(body);
            await Channel.BasicPublishAsync(
                "", properties.ReplyTo!, mandatory: false, new BasicProperties { CorrelationId = properties.CorrelationId }, answer, cancellationToken);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
        }
    }

    /// <summary>A channel that publishes, and hears the replies: RabbitMQ's direct reply-to wants both on one.</summary>
    private sealed class Publisher(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private const string DirectReplyTo = "amq.rabbitmq.reply-to";

        private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _pendingReplies = [];
        private long _lastCorrelationId;

        public static async Task<Publisher> Open(IConnection connection)
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));
            channel.BasicNacksAsync += (_, _) =>
            {
                Environment.FailFast("The broker refused a create.");
                return Task.CompletedTask;
            };
            var publisher = new Publisher(channel);
            await channel.BasicConsumeAsync(DirectReplyTo, autoAck: true, publisher);
            return publisher;
        }

        public async Task<byte[]> Request(ReadOnlyMemory<byte> body)
        {
            var id = Interlocked.Increment(ref _lastCorrelationId).ToString(CultureInfo.InvariantCulture);
            var reply = _pendingReplies[id] = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                await Channel.BasicPublishAsync("", Queue, mandatory: false, new BasicProperties { Persistent = true, ReplyTo = DirectReplyTo, CorrelationId = id }, body);
                return await reply.Task.WaitAsync(TimeSpan.FromSeconds(10));
            }
            finally
            {
                _pendingReplies.TryRemove(id, out _);
            }
        }

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
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
