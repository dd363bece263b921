using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>A publisher that uses AMQP without MassTransit, with a reply queue for each request.</summary>
internal sealed class RawAmqpClient : IAsyncDisposable
{
    /// <summary>The broker's direct reply-to, a reply queue without a declaration.</summary>
    public const string DirectReplyTo = "amq.rabbitmq.reply-to";

    /// <summary>The content type of MassTransit envelopes.</summary>
    public const string EnvelopeContentType = "application/vnd.masstransit+json";

    private readonly IConnection _connection;

    private RawAmqpClient(IConnection connection) => _connection = connection;

    public IConnection Connection => _connection;

    public static async Task<RawAmqpClient> Connect(Uri broker) =>
        new(await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync());

    public static string CreateRun(string id, string tenant = "dev") => $$"""
        {"tenant":"{{tenant}}","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},
         "request":{"target":"task:t"} }
        """;

    public static BasicProperties WithHeader(string name, string value) =>
        new() { Headers = new Dictionary<string, object?> { [name] = value } };

    /// <summary>Wraps a message in a MassTransit envelope.</summary>
    /// <param name="message">The message as JSON.</param>
    /// <param name="responseAddress">Where the reply goes.</param>
    /// <param name="type">The message type: the name of a contract, or a URN.</param>
    /// <param name="otherMembers">Further members as JSON, each with a comma at its end.</param>
    public static string Envelope(string message, string? responseAddress = null, string type = "CreateRun", string otherMembers = "")
    {
        var urn = type.StartsWith("urn:", StringComparison.Ordinal) ? type : $"urn:message:Runs.Contracts:{type}";
        return $$"""
            {"messageId":"{{TestRequests.NewUuid()}}","requestId":"{{TestRequests.NewUuid()}}","messageType":["{{urn}}"],
             "responseAddress":{{JsonSerializer.Serialize(responseAddress)}},{{otherMembers}}"message":{{message}} }
            """;
    }

    /// <summary>Publishes on a new channel, which the broker may close because of the message.</summary>
    public async Task Publish(string exchange, string body, BasicProperties? properties = null, string routingKey = "")
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(
            exchange, routingKey, mandatory: false, properties ?? new BasicProperties(), Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Publishes an envelope.</summary>
    public Task PublishEnvelope(string exchange, string envelope) =>
        Publish(exchange, envelope, new BasicProperties { ContentType = EnvelopeContentType });

    /// <summary>Publishes, and returns the reply.</summary>
    public Task<RawAmqpReply> Request(string exchange, string body, TimeSpan? timeout = null, Action<BasicProperties>? configure = null) =>
        RequestWithReplyQueue(exchange, _ => body, timeout, configure);

    /// <summary>Publishes a body that depends on the name of the reply queue, and returns the reply.</summary>
    /// <remarks>The reply queue is a new one, unless <paramref name="replyQueue"/> names the broker's direct
    /// reply-to.</remarks>
    public async Task<RawAmqpReply> RequestWithReplyQueue(
        string exchange,
        Func<string, string> body,
        TimeSpan? timeout = null,
        Action<BasicProperties>? configure = null,
        string? replyQueue = null)
    {
        var replied = new TaskCompletionSource<RawAmqpReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _connection.CreateChannelAsync();
        var queue = replyQueue ?? (await channel.QueueDeclareAsync()).QueueName;
        await channel.Consume(queue, delivery => replied.TrySetResult(RawAmqpReply.From(delivery)));
        var properties = new BasicProperties { ReplyTo = queue };
        configure?.Invoke(properties);
        await channel.Publish(exchange, body(queue), properties);
        return await replied.Task.WaitAsync(timeout ?? TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
