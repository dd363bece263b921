using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Replies to publishers of raw JSON, which use AMQP's own <c>reply_to</c> and <c>correlation_id</c>.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class RawAmqpReplyTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private RawAmqpClient _client = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _client = await RawAmqpClient.Connect(application.RabbitMq);
        _operators = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(RawAmqpClient.DirectReplyTo)]
    public async Task A_create_gets_the_run_as_a_raw_JSON_reply(string? queue)
    {
        var id = TestRequests.NewId();

        var reply = await Request("runs.create-run", CreateRun(id), queue, "question 1");

        Assert.Equal("RunSnapshot", reply.Properties.Type);
        Assert.Equal("application/json", reply.Properties.ContentType);
        Assert.Equal("question 1", reply.Properties.CorrelationId);
        Assert.Equal("", reply.Exchange);
        Assert.True(reply.Body.GetProperty("changed").GetBoolean());
        Assert.Equal(
            (await application.Client.GetRun(id)).CreatedAt,
            reply.Body.GetProperty("run").GetProperty("created_at").GetString());
        Assert.Equal("""{"n":1.50,"a.b":null}""", reply.Body.GetProperty("run").GetProperty("config").GetRawText());
    }

    [Fact]
    public async Task A_repeated_create_gets_the_existing_run()
    {
        var id = TestRequests.NewId();
        var first = await Request("runs.create-run", CreateRun(id));

        var repeated = await Request("runs.create-run", CreateRun(id));

        Assert.Equal("RunSnapshot", repeated.Properties.Type);
        Assert.False(repeated.Body.GetProperty("changed").GetBoolean());
        Assert.Equal(first.Body.GetProperty("run").GetRawText(), repeated.Body.GetProperty("run").GetRawText());
    }

    [Fact]
    public async Task A_rejection_is_distinguished_by_the_type_property()
    {
        var id = TestRequests.NewId();
        await Request("runs.create-run", CreateRun(id));

        var rejection = await Request("runs.create-run", CreateRun(id, target: "task:other", strict: true));

        Assert.Equal("RunRejected", rejection.Properties.Type);
        Assert.Equal("application/json", rejection.Properties.ContentType);
        Assert.Equal(id, rejection.Body.GetProperty("run_id").GetString());
        Assert.Equal("REQUEST_DIFFERS", rejection.Body.GetProperty("code").GetString());
        Assert.Equal("/request/target", rejection.Body.GetProperty("differences").EnumerateArray().Single().GetString());
    }

    [Theory]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""", "/run_id")]
    [InlineData("""{"tenant":"dev"}""", "run_id")]
    [InlineData("""[1]""", "CreateRun")]
    [InlineData("not json at all", "invalid")]
    [InlineData("null", "JSON object")]
    public async Task An_invalid_message_gets_a_fault_with_its_cause_and_is_moved_to_the_error_queue(string poison, string cause)
    {
        const string Guid = "01981D7E5B0A7C3E9B5FD1C2A3B4C5D6"; // not in the format of .NET

        var fault = await Request("runs.create-run", poison, RawAmqpClient.DirectReplyTo, Guid);

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
    [InlineData("amq.gen-unknown-queue")]
    [InlineData(RawAmqpClient.DirectReplyTo + ".unknown-queue")]
    public async Task A_reply_without_a_receiver_is_dropped(string replyTo)
    {
        var id = TestRequests.NewId();
        await using var channel = await _client.Connection.CreateChannelAsync();

        await channel.Publish("runs.create-run", CreateRun(id), new BasicProperties { ReplyTo = replyTo });

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        Assert.Equal("RunSnapshot", (await Request("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""")).Properties.Type);
        await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclarePassiveAsync(replyTo));
    }

    [Fact]
    public async Task A_full_reply_queue_does_not_block_other_publishers()
    {
        await using var channel = await _client.Connection.CreateChannelAsync();
        var arguments = new Dictionary<string, object?> { ["x-max-length"] = 0, ["x-overflow"] = "reject-publish" };
        var full = (await channel.QueueDeclareAsync("", arguments: arguments)).QueueName;

        await PublishMoreThanAreHandledAtOnce(channel, new BasicProperties { ReplyTo = full });

        await AssertCreatesSucceed();
    }

    [Fact]
    public async Task An_unreachable_response_address_does_not_block_other_publishers()
    {
        await using var channel = await _client.Connection.CreateChannelAsync();

        var properties = RawAmqpClient.WithHeader("MT-Response-Address", $"exchange:{RawAmqpClient.DirectReplyTo}");
        await PublishMoreThanAreHandledAtOnce(channel, properties);

        await AssertCreatesSucceed();
    }

    [Fact]
    public async Task A_publish_without_response_address_gets_no_reply()
    {
        var published = new ConcurrentQueue<JsonElement>();
        await using var channel = await _client.Connection.CreateChannelAsync();
        await using var operators = await _operators.CreateChannelAsync();
        await operators.ExchangeDeclareAsync("runs.run-snapshot", ExchangeType.Fanout, durable: true);
        await operators.Subscribe(delivery => published.Enqueue(JsonElement.Parse(delivery.Body.Span)), "runs.run-snapshot");
        var id = TestRequests.NewId();

        await channel.Publish("runs.create-run", CreateRun(id), new BasicProperties { CorrelationId = "question 2" });

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        Assert.False((await Request("runs.create-run", CreateRun(id))).Body.GetProperty("changed").GetBoolean());
        Assert.Empty(published);
    }

    private static string CreateRun(string id, string target = "task:t", bool strict = false) => $$"""
        {"tenant":"dev","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},
         "strict":{{(strict ? "true" : "false")}},"request":{"target":"{{target}}","config":{"n":1.50,"a.b":null} } }
        """;

    private static async Task PublishMoreThanAreHandledAtOnce(IChannel channel, BasicProperties properties)
    {
        for (var i = 0; i < 300; i++)
        {
            await channel.Publish("runs.create-run", CreateRun(TestRequests.NewId()), properties);
        }
    }

    private async Task AssertCreatesSucceed()
    {
        var reply = await Request("runs.create-run", CreateRun(TestRequests.NewId()));
        Assert.True(reply.Body.GetProperty("changed").GetBoolean());
    }

    private Task<RawAmqpReply> Request(string exchange, string body, string? queue = null, string correlationId = "question") =>
        _client.RequestWithReplyQueue(
            exchange, _ => body, configure: properties => properties.CorrelationId = correlationId, replyQueue: queue);
}
