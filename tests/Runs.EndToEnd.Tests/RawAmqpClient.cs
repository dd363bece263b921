using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Runs.EndToEnd.Tests;

/// <summary>A publisher that speaks AMQP, with a queue of its own for answers.</summary>
internal sealed class RawAmqpClient : IAsyncDisposable
{
    private readonly IConnection _connection;

    private RawAmqpClient(IConnection connection) => _connection = connection;

    public IConnection Connection => _connection;

    public static async Task<RawAmqpClient> Connect(Uri broker) =>
        new(await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync());

    public static string CreateRun(string id, string tenant = "dev") => $$"""
        {"tenant":"{{tenant}}","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},"request":{"target":"task:t"} }
        """;

    public static string Envelope(string message, string? response = null, string type = "CreateRun", string more = "") => $$"""
        {"messageId":"{{TestRequests.NewUuid()}}","requestId":"{{TestRequests.NewUuid()}}","messageType":["{{(type.StartsWith("urn:", StringComparison.Ordinal) ? type : $"urn:message:Runs.Contracts:{type}")}}"],
         "responseAddress":{{JsonSerializer.Serialize(response)}},{{more}}"message":{{message}} }
        """;

    /// <summary>Publishes on a channel of its own, which the broker may close for what is published.</summary>
    public async Task Publish(string exchange, string body, BasicProperties? properties = null, string routingKey = "")
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: false, properties ?? new BasicProperties(), System.Text.Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Publishes an envelope.</summary>
    public Task PublishEnvelope(string exchange, string envelope) =>
        Publish(exchange, envelope, new BasicProperties { ContentType = "application/vnd.masstransit+json" });

    /// <summary>Publishes, and returns what comes to its own queue.</summary>
    public Task<RawAmqpReply> Request(string exchange, string body, TimeSpan? timeout = null, Action<BasicProperties>? configure = null) =>
        RequestWithReplyQueue(exchange, _ => body, timeout, configure);

    /// <summary>Publishes what <paramref name="body"/> makes of the name of its own queue.</summary>
    public async Task<RawAmqpReply> RequestWithReplyQueue(string exchange, Func<string, string> body, TimeSpan? timeout = null, Action<BasicProperties>? configure = null)
    {
        var answered = new TaskCompletionSource<RawAmqpReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.Consume(queue, delivery => answered.TrySetResult(RawAmqpReply.From(delivery)));
        var properties = new BasicProperties { ReplyTo = queue };
        configure?.Invoke(properties);
        await channel.Publish(exchange, body(queue), properties);
        return await answered.Task.WaitAsync(timeout ?? TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}

/// <summary>What came to a publisher's queue.</summary>
internal sealed record RawAmqpReply(string Exchange, IReadOnlyBasicProperties Properties, JsonElement Body)
{
    public static RawAmqpReply From(BasicDeliverEventArgs delivery) =>
        new(delivery.Exchange, new BasicProperties(delivery.BasicProperties), JsonElement.Parse(delivery.Body.Span));
}
