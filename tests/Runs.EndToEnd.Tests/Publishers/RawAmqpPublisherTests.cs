using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>Commands and events of services that use AMQP without MassTransit.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class RawAmqpPublisherTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = application.RabbitMq }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        _operators = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    public async Task Raw_JSON_published_to_a_command_exchange_is_executed(string? contentType)
    {
        var id = TestRequests.NewId();

        await Publish("runs.create-run", CreateRun(id), contentType);
        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        await Publish("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""", contentType);

        await Eventually.Holds(async () => (await application.Client.GetRun(id)).Status == "cancelled");
        Assert.Equal("""{"n":1.50,"a.b":null}""", (await application.Client.GetRun(id)).Config.GetRawText());
    }

    [Fact]
    public async Task A_MassTransit_envelope_is_executed()
    {
        var id = TestRequests.NewId();

        var envelope = $$"""
            {"messageId":"{{Guid.CreateVersion7()}}","messageType":["urn:message:Runs.Contracts:CreateRun"],"message":{{CreateRun(id)}} }
            """;
        await Publish("runs.create-run", envelope, "application/vnd.masstransit+json");

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
    }

    [Fact]
    public async Task Every_event_is_published_to_its_exchange_with_a_message_id()
    {
        var received = new ConcurrentQueue<(string Exchange, string? MessageId, JsonElement Message)>();
        await _channel.Subscribe(
            delivery =>
            {
                var message = JsonElement.Parse(delivery.Body.Span).GetProperty("message");
                received.Enqueue((delivery.Exchange, delivery.BasicProperties.MessageId, message));
            },
            "runs.run-accepted",
            "runs.run-started",
            "runs.run-finished");
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));
        await Publish("runs.start-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""");
        await Eventually.Holds(async () => (await application.Client.GetRun(id)).Status == "running");

        await application.Client.Complete(id);

        await Eventually.Succeeds(() =>
        {
            var ofRun = received.Where(published => published.Message.GetProperty("run_id").GetString() == id).ToList();
            Assert.Equal(
                ["runs.run-accepted", "runs.run-finished", "runs.run-started"], ofRun.Select(published => published.Exchange).Order());
            Assert.All(ofRun, published => Assert.True(Guid.TryParse(published.MessageId, out _)));
            var finished = ofRun.Single(published => published.Exchange == "runs.run-finished");
            Assert.Equal("completed", finished.Message.GetProperty("status").GetString());
            return Task.CompletedTask;
        });
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("""{"tenant":"dev"}""")]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""")]
    [InlineData("""[[[[1]]]]""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task An_invalid_message_is_moved_to_the_error_queue_with_its_cause_and_blocks_nothing(string poison)
    {
        var before = await CountMessages("runs-lifecycle_error");
        var id = TestRequests.NewId();

        await Publish("runs.create-run", poison);
        await Publish("runs.create-run", CreateRun(id));

        await Eventually.Holds(async () => (await application.Client.Get($"/runs/{id}")).Status == 200);
        await Eventually.Holds(async () => await CountMessages("runs-lifecycle_error") > before);
        await using var operators = await _operators.CreateChannelAsync();
        var kept = await operators.BasicGetAsync("runs-lifecycle_error", autoAck: true);
        Assert.NotEmpty(Encoding.UTF8.GetString((byte[])kept!.BasicProperties.Headers!["MT-Fault-Message"]!));
    }

    [Fact]
    public async Task A_command_never_expires_in_the_broker()
    {
        // A second queue on the exchange sees the command as the API sends it.
        var seen = new TaskCompletionSource<string?>();
        await using var operators = await _operators.CreateChannelAsync();
        await operators.Subscribe(delivery => seen.TrySetResult(delivery.BasicProperties.Expiration), "runs-commands");

        await application.Client.Create(TestRequests.TaskBody());

        Assert.Null(await seen.Task.WaitAsync(Eventually.Timeout));
    }

    private static string CreateRun(string id) => $$"""
        {"tenant":"dev","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},
         "request":{"target":"task:t","config":{"n":1.50,"a.b":null} } }
        """;

    private Task Publish(string exchange, string body, string? contentType = null) => _channel.Publish(
        exchange, body, new BasicProperties { ContentType = contentType, MessageId = Guid.CreateVersion7().ToString() });

    private async Task<uint> CountMessages(string queue)
    {
        await using var own = await _operators.CreateChannelAsync(); // the broker closes the channel if the queue does not exist yet
        try
        {
            return await own.MessageCountAsync(queue);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }
}
