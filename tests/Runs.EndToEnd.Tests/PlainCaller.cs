using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Runs.EndToEnd.Tests;

/// <summary>A publisher that speaks AMQP, with a queue of its own for answers.</summary>
internal sealed class PlainCaller : IAsyncDisposable
{
    private readonly IConnection _connection;

    private PlainCaller(IConnection connection) => _connection = connection;

    public IConnection Connection => _connection;

    public static async Task<PlainCaller> Connect(Uri broker) =>
        new(await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync());

    public static string CreateRun(string id, string tenant = "dev") => $$"""
        {"tenant":"{{tenant}}","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{Stack.Project}}"},"request":{"target":"task:t"} }
        """;

    public static string Envelope(string message, string? response = null, string type = "CreateRun", string more = "") => $$"""
        {"messageId":"{{Calls.NewUuid()}}","requestId":"{{Calls.NewUuid()}}","messageType":["{{(type.StartsWith("urn:", StringComparison.Ordinal) ? type : $"urn:message:Runs.Contracts:{type}")}}"],
         "responseAddress":{{JsonSerializer.Serialize(response)}},{{more}}"message":{{message}} }
        """;

    /// <summary>Publishes on a channel of its own, which the broker may close for what is published.</summary>
    public async Task Tell(string exchange, string body, BasicProperties? properties = null, string routingKey = "")
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(exchange, routingKey, mandatory: false, properties ?? new BasicProperties(), System.Text.Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Publishes an envelope.</summary>
    public Task TellEnvelope(string exchange, string envelope) =>
        Tell(exchange, envelope, new BasicProperties { ContentType = "application/vnd.masstransit+json" });

    /// <summary>Publishes, and returns what comes to its own queue.</summary>
    public Task<PlainAnswer> Ask(string exchange, string body, TimeSpan? patience = null, Action<BasicProperties>? adjust = null) =>
        AskWith(exchange, _ => body, patience, adjust);

    /// <summary>Publishes what <paramref name="body"/> makes of the name of its own queue.</summary>
    public async Task<PlainAnswer> AskWith(string exchange, Func<string, string> body, TimeSpan? patience = null, Action<BasicProperties>? adjust = null)
    {
        var answered = new TaskCompletionSource<PlainAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.Consume(queue, delivery => answered.TrySetResult(PlainAnswer.Of(delivery)));
        var properties = new BasicProperties { ReplyTo = queue };
        adjust?.Invoke(properties);
        await channel.Publish(exchange, body(queue), properties);
        return await answered.Task.WaitAsync(patience ?? TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}

/// <summary>What came to a publisher's queue.</summary>
internal sealed record PlainAnswer(string Exchange, IReadOnlyBasicProperties Properties, JsonElement Body)
{
    public static PlainAnswer Of(BasicDeliverEventArgs delivery) =>
        new(delivery.Exchange, new BasicProperties(delivery.BasicProperties), JsonElement.Parse(delivery.Body.Span));
}
