using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Runs.EndToEnd.Tests;

/// <summary>What services are told that publish raw JSON with AMQP's own <c>reply_to</c> and <c>correlation_id</c>.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class RawAmqpReplyTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private const string OwnQueue = "";
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";

    private IConnection _connection = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = application.RabbitMq }.CreateConnectionAsync();
        _operators = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData(OwnQueue)]
    [InlineData(DirectReplyTo)]
    public async Task A_create_gets_the_run_as_a_raw_JSON_reply(string queue)
    {
        var id = TestRequests.NewId();

        var answer = await Request("runs.create-run", CreateRun(id), queue, "question 1");

        Assert.Equal("RunSnapshot", answer.Properties.Type);
        Assert.Equal("application/json", answer.Properties.ContentType);
        Assert.Equal("question 1", answer.Properties.CorrelationId);
        Assert.Equal("", answer.Exchange);
        Assert.True(answer.Body.GetProperty("changed").GetBoolean());
        Assert.Equal(
            (await application.Client.Get($"/runs/{id}")).Body.GetProperty("created_at").GetString(),
            answer.Body.GetProperty("run").GetProperty("created_at").GetString());
        Assert.Equal("""{"n":1.50,"a.b":null}""", answer.Body.GetProperty("run").GetProperty("config").GetRawText());
    }

    [Fact]
    public async Task A_repeated_create_gets_the_existing_run()
    {
        var id = TestRequests.NewId();
        var first = await Request("runs.create-run", CreateRun(id));

        var again = await Request("runs.create-run", CreateRun(id));

        Assert.Equal("RunSnapshot", again.Properties.Type);
        Assert.False(again.Body.GetProperty("changed").GetBoolean());
        Assert.Equal(first.Body.GetProperty("run").GetRawText(), again.Body.GetProperty("run").GetRawText());
    }

    [Fact]
    public async Task A_rejection_is_distinguished_by_the_type_property()
    {
        var id = TestRequests.NewId();
        await Request("runs.create-run", CreateRun(id));

        var refusal = await Request("runs.create-run", CreateRun(id, target: "task:other", strict: true));

        Assert.Equal("RunRejected", refusal.Properties.Type);
        Assert.Equal("application/json", refusal.Properties.ContentType);
        Assert.Equal(id, refusal.Body.GetProperty("run_id").GetString());
        Assert.Equal("REQUEST_DIFFERS", refusal.Body.GetProperty("code").GetString());
        Assert.Equal("/request/target", refusal.Body.GetProperty("differences").EnumerateArray().Single().GetString());
    }

    [Theory]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""", "/run_id")]
    [InlineData("""{"tenant":"dev"}""", "run_id")]
    [InlineData("""[1]""", "CreateRun")]
    [InlineData("not json at all", "invalid")]
    [InlineData("null", "JSON object")]
    public async Task An_invalid_message_gets_a_fault_with_its_cause_and_is_moved_to_the_error_queue(string poison, string cause)
    {
        const string Guid = "01981D7E5B0A7C3E9B5FD1C2A3B4C5D6"; // not in the form that .NET writes

        var fault = await Request("runs.create-run", poison, DirectReplyTo, Guid);

        Assert.Equal("Fault", fault.Properties.Type);
        Assert.Equal("application/json", fault.Properties.ContentType);
        Assert.Equal(Guid, fault.Properties.CorrelationId);
        Assert.Equal(["detail"], fault.Body.EnumerateObject().Select(member => member.Name));
        Assert.Contains(cause, fault.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Eventually.Succeeds(async () =>
        {
            await using var channel = await _operators.CreateChannelAsync();
            var kept = await channel.BasicGetAsync("runs-lifecycle_error", autoAck: true);
            Assert.Equal(poison, Encoding.UTF8.GetString(kept!.Body.Span));
        });
    }

    [Theory]
    [InlineData("amq.gen-nobody-has-this-queue")]
    [InlineData(DirectReplyTo + ".nobody-has-this-one-either")]
    public async Task A_reply_without_a_receiver_is_dropped(string replyTo)
    {
        var id = TestRequests.NewId();
        await using var channel = await _connection.CreateChannelAsync();

        await channel.Publish("runs.create-run", CreateRun(id), new BasicProperties { ReplyTo = replyTo });

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        Assert.Equal("RunSnapshot", (await Request("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""")).Properties.Type);
        await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclarePassiveAsync(replyTo));
    }

    [Fact]
    public async Task A_full_reply_queue_does_not_block_other_publishers()
    {
        await using var channel = await _connection.CreateChannelAsync();
        var full = (await channel.QueueDeclareAsync("", arguments: new Dictionary<string, object?> { ["x-max-length"] = 0, ["x-overflow"] = "reject-publish" })).QueueName;

        await PublishMoreThanAreHandledAtOnce(channel, new BasicProperties { ReplyTo = full });

        Assert.True((await Request("runs.create-run", CreateRun(TestRequests.NewId()))).Body.GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task An_unreachable_response_address_does_not_block_other_publishers()
    {
        await using var channel = await _connection.CreateChannelAsync();

        await PublishMoreThanAreHandledAtOnce(
            channel, new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = $"exchange:{DirectReplyTo}" } });

        Assert.True((await Request("runs.create-run", CreateRun(TestRequests.NewId()))).Body.GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task A_publish_without_response_address_gets_no_reply()
    {
        var published = new ConcurrentQueue<JsonElement>();
        await using var channel = await _connection.CreateChannelAsync();
        await using var operators = await _operators.CreateChannelAsync();
        await operators.ExchangeDeclareAsync("runs.run-snapshot", ExchangeType.Fanout, durable: true);
        await operators.Subscribe(delivery => published.Enqueue(JsonElement.Parse(delivery.Body.Span)), "runs.run-snapshot");
        var id = TestRequests.NewId();

        await channel.Publish("runs.create-run", CreateRun(id), new BasicProperties { CorrelationId = "question 2" });

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        Assert.False((await Request("runs.create-run", CreateRun(id))).Body.GetProperty("changed").GetBoolean());
        Assert.Empty(published);
    }

    [Fact]
    public async Task A_MassTransit_response_address_gets_an_envelope()
    {
        var answered = new TaskCompletionSource<AmqpReply>();
        await using var operators = await _operators.CreateChannelAsync();
        await operators.QueueDeclareAsync(ContainerApplication.ReplyQueue, durable: true, exclusive: false, autoDelete: false);
        await operators.Consume(ContainerApplication.ReplyQueue, delivery => answered.TrySetResult(AmqpReply.From(delivery)));
        await using var channel = await _connection.CreateChannelAsync();
        var id = TestRequests.NewId();

        await channel.Publish("runs.create-run", CreateRun(id), new BasicProperties
        {
            ReplyTo = "nobody-has-this-queue",
            Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = $"exchange:{ContainerApplication.ReplyQueue}?bind=true&queue=others" },
        });

        var answer = await answered.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("application/vnd.masstransit+json", answer.Properties.ContentType);
        Assert.Equal(id, answer.Body.GetProperty("message").GetProperty("run").GetProperty("run_id").GetString());
    }

    [Fact]
    public async Task A_MassTransit_direct_request_gets_an_envelope()
    {
        var id = TestRequests.NewId();
        var envelope = $$"""
            {"messageId":"{{TestRequests.NewUuid()}}","requestId":"{{TestRequests.NewUuid()}}","messageType":["urn:message:Runs.Contracts:CreateRun"],
             "responseAddress":"rabbitmq://localhost/{{DirectReplyTo}}?temporary=true","message":{{CreateRun(id)}} }
            """;

        var answer = await Request("runs.create-run", envelope, DirectReplyTo, contentType: "application/vnd.masstransit+json");

        Assert.Equal("application/vnd.masstransit+json", answer.Properties.ContentType);
        Assert.Equal(id, answer.Body.GetProperty("message").GetProperty("run").GetProperty("run_id").GetString());
    }

    private static string CreateRun(string id, string target = "task:t", bool strict = false) => $$"""
        {"tenant":"dev","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},"strict":{{(strict ? "true" : "false")}},
         "request":{"target":"{{target}}","config":{"n":1.50,"a.b":null} } }
        """;

    private static async Task PublishMoreThanAreHandledAtOnce(IChannel channel, BasicProperties properties)
    {
        for (var i = 0; i < 300; i++)
        {
            await channel.Publish("runs.create-run", CreateRun(TestRequests.NewId()), properties);
        }
    }

    /// <summary>Publishes as a client would, and returns what comes to the queue that it names: one of its own, or the broker's direct reply-to.</summary>
    private async Task<AmqpReply> Request(string exchange, string body, string queue = OwnQueue, string correlationId = "question", string? contentType = null)
    {
        var answered = new TaskCompletionSource<AmqpReply>();
        await using var channel = await _connection.CreateChannelAsync();
        var replyTo = queue == OwnQueue ? (await channel.QueueDeclareAsync()).QueueName : queue;
        await channel.Consume(replyTo, delivery => answered.TrySetResult(AmqpReply.From(delivery)));
        await channel.Publish(exchange, body, new BasicProperties { ReplyTo = replyTo, CorrelationId = correlationId, ContentType = contentType });
        return await answered.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private sealed record AmqpReply(string Exchange, IReadOnlyBasicProperties Properties, JsonElement Body)
    {
        public static AmqpReply From(BasicDeliverEventArgs delivery) =>
            new(delivery.Exchange, new BasicProperties(delivery.BasicProperties), JsonElement.Parse(delivery.Body.Span));
    }
}
