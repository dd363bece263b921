using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using RabbitMQ.Client;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The baseline: the smallest hand-written pipeline with the same guarantees. A request is published as a persistent
/// message to a durable quorum queue; a consumer inserts one document for it, confirmed by a majority and journaled,
/// replies, and acknowledges; then the response is 202. Publisher confirms are on. They are not awaited before the
/// reply, which implies them, but a negative one ends the process. No state machine, no validation, no authentication,
/// no events.
/// </summary>
internal static class BaselineServer
{
    private const string Queue = "baseline-creates";
    private const int PublisherCount = 4;
    private const ushort Concurrency = 128;

    public static async Task Run(int port, string broker, string store)
    {
        var factory = new ConnectionFactory { Uri = new Uri(broker) };
        await using var consumerConnection = await factory.CreateConnectionAsync();
        await using var publisherConnection = await factory.CreateConnectionAsync();

        var consumer = await consumerConnection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: false,
            publisherConfirmationTrackingEnabled: false,
            consumerDispatchConcurrency: Concurrency));
        var quorum = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await consumer.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, quorum);
        await consumer.BasicQosAsync(0, 2 * Concurrency, global: false);
        var runs = new BaselineRunStore(store);
        await consumer.BasicConsumeAsync(Queue, autoAck: false, new CreateConsumer(consumer, runs));

        var publishers = await Task.WhenAll(Enumerable.Range(0, PublisherCount).Select(_ => Publisher.Open(publisherConnection)));
        var turn = 0;
        await BaselineHttpServer.Serve(port, Handle);

        async Task Handle(HttpContext http)
        {
            var publisher = publishers[(uint)Interlocked.Increment(ref turn) % PublisherCount];
            var response = await BaselineHttpServer.ReadBody(http, publisher.Request);
            await BaselineHttpServer.WriteResponse(http, StatusCodes.Status202Accepted, response);
        }
    }

    /// <summary>Inserts, replies, and acknowledges, in this order.</summary>
    private sealed class CreateConsumer(IChannel channel, BaselineRunStore runs) : AsyncDefaultBasicConsumer(channel)
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
            var response = await runs.Create(body);
            var replyProperties = new BasicProperties { CorrelationId = properties.CorrelationId };
            await Channel.BasicPublishAsync("", properties.ReplyTo!, mandatory: false, replyProperties, response, cancellationToken);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
        }
    }

    /// <summary>
    /// A channel that publishes and receives the replies: RabbitMQ's direct reply-to needs both on one channel.
    /// </summary>
    private sealed class Publisher(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private const string DirectReplyTo = "amq.rabbitmq.reply-to";

        private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _pendingReplies = [];
        private long _lastCorrelationId;

        public static async Task<Publisher> Open(IConnection connection)
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: false));
            channel.BasicNacksAsync += (_, _) =>
            {
                Environment.FailFast("The broker rejected a create.");
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
            var properties = new BasicProperties { Persistent = true, ReplyTo = DirectReplyTo, CorrelationId = id };
            try
            {
                await Channel.BasicPublishAsync("", Queue, mandatory: false, properties, body);
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
