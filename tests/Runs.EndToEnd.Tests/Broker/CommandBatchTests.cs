using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Batches of commands on the real broker, as the API sends them: their format, their replies and their rejection.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class CommandBatchTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private const string ContentType = "application/vnd.runs.commands+json; version=1";

    private RawAmqpClient _api = null!;

    public async Task InitializeAsync() => _api = await RawAmqpClient.Connect(application.OperatorRabbitMq);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task The_commands_of_a_batch_are_answered_and_a_repeat_is_recognized()
    {
        var (run, missing) = (TestRequests.NewId(), TestRequests.NewId());
        var batch = Batch(
            ("CreateRun", TestRequests.NewUuid(), RawAmqpClient.CreateRun(run)),
            ("CancelRun", TestRequests.NewUuid(), $$"""{"tenant":"dev","run_id":"{{missing}}"}"""));

        var replies = await RequestAll(batch, count: 2);
        var repeated = await RequestAll(batch, count: 2);

        Assert.Equal(["RunRejected", "RunSnapshot"], replies.Keys.Order());
        Assert.Equal(
            replies.Values.Select(reply => reply.GetProperty("message_id").GetString()).Order(),
            repeated.Values.Select(reply => reply.GetProperty("message_id").GetString()).Order());
        var (created, again) = (replies["RunSnapshot"].GetProperty("reply"), repeated["RunSnapshot"].GetProperty("reply"));
        Assert.True(created.GetProperty("changed").GetBoolean());
        Assert.True(again.GetProperty("changed").GetBoolean());
        Assert.Equal(created.GetProperty("run").GetRawText(), again.GetProperty("run").GetRawText());
    }

    [Theory]
    [InlineData("[{}]", ContentType, "message_id")]
    [InlineData("not json", ContentType, "cannot be read")]
    [InlineData("[]", "application/vnd.runs.commands+json; version=2", "version")]
    public async Task A_batch_that_cannot_be_read_is_moved_to_the_error_queue_with_its_cause(string body, string contentType, string cause)
    {
        var fault = await Request(body, contentType);

        Assert.Equal("Fault", fault.Properties.Type);
        Assert.Contains(cause, fault.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await Eventually.Succeeds(async () =>
        {
            await using var channel = await _api.Connection.CreateChannelAsync();
            var kept = await channel.BasicGetAsync("runs-commands_error", autoAck: true);
            Assert.Equal(body, Encoding.UTF8.GetString(kept!.Body.Span));
        });
    }

    [Theory]
    [InlineData("runs.create-run")]
    [InlineData("runs.cancel-run")]
    public async Task A_batch_from_a_publisher_is_rejected(string exchange)
    {
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);
        var run = TestRequests.NewId();
        var batch = Batch(("CreateRun", TestRequests.NewUuid(), RawAmqpClient.CreateRun(run)));

        var fault = await publisher.Request(exchange, batch, configure: properties => properties.ContentType = ContentType);

        Assert.Equal("Fault", fault.Properties.Type);
        Assert.Equal(404, (await application.Client.Get($"/runs/{run}")).Status);
    }

    private static string Batch(params (string Type, string MessageId, string Command)[] commands) =>
        $"[{string.Join(',', commands.Select(Item))}]";

    private static string Item((string Type, string MessageId, string Command) item) =>
        $$"""{"type":"{{item.Type}}","message_id":"{{item.MessageId}}","command":{{item.Command}} }""";

    /// <summary>Sends a batch and returns its replies by their type. They may arrive in several messages.</summary>
    private async Task<Dictionary<string, JsonElement>> RequestAll(string batch, int count)
    {
        var replies = new ConcurrentQueue<RawAmqpReply>();
        await using var channel = await _api.Connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.Consume(queue, delivery => replies.Enqueue(RawAmqpReply.From(delivery)));

        await channel.Publish("runs-commands", batch, new BasicProperties { ReplyTo = queue, ContentType = ContentType });

        await Eventually.Holds(() => Task.FromResult(replies.Sum(reply => reply.Body.GetArrayLength()) == count));
        Assert.All(replies, reply => Assert.Equal("application/vnd.runs.replies+json; version=1", reply.Properties.ContentType));
        return replies.SelectMany(reply => reply.Body.EnumerateArray()).ToDictionary(reply => reply.GetProperty("type").GetString()!);
    }

    private Task<RawAmqpReply> Request(string batch, string contentType = ContentType) =>
        _api.Request("runs-commands", batch, configure: properties => properties.ContentType = contentType);
}
