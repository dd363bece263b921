using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>What services see that speak AMQP and know nothing of MassTransit.</summary>
[Collection(nameof(Containers))]
public sealed class OtherPublishers(ContainerStack stack) : IClassFixture<ContainerStack>, IAsyncLifetime
{
    private IConnection _connection = null!;
    private IChannel _channel = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = stack.RabbitMq }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        _operators = await new ConnectionFactory { Uri = stack.ForOperators }.CreateConnectionAsync();
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
    public async Task Raw_json_on_the_exchange_of_a_command_is_that_command(string? contentType)
    {
        var id = Calls.NewId();

        await Publish("runs.create-run", CreateRun(id), contentType);
        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}")).Status == 200);
        await Publish("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""", contentType);

        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}"))["status"].GetString() == "cancelled");
        Assert.Equal("""{"n":1.50,"a.b":null}""", (await stack.Client.Read($"/runs/{id}"))["config"].GetRawText());
    }

    [Fact]
    public async Task A_masstransit_envelope_is_understood_too()
    {
        var id = Calls.NewId();

        await Publish(
            "runs.create-run",
            $$"""{"messageId":"{{Guid.CreateVersion7()}}","messageType":["urn:message:Runs.Contracts:CreateRun"],"message":{{CreateRun(id)}} }""",
            "application/vnd.masstransit+json");

        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}")).Status == 200);
    }

    [Fact]
    public async Task Every_fact_is_announced_on_its_exchange_with_an_id()
    {
        var heard = new ConcurrentQueue<(string Exchange, string? MessageId, JsonElement Message)>();
        await _channel.Listen(
            delivery => heard.Enqueue((delivery.Exchange, delivery.BasicProperties.MessageId, JsonElement.Parse(delivery.Body.Span).GetProperty("message"))),
            "runs.run-accepted", "runs.run-started", "runs.run-finished");
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id));
        await Publish("runs.start-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""");
        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}"))["status"].GetString() == "running");

        await stack.Client.Post($"/runs/{id}/complete", new { status = "completed" });

        await Eventually.Succeeds(() =>
        {
            var ours = heard.Where(fact => fact.Message.GetProperty("run_id").GetString() == id).ToList();
            Assert.Equal(["runs.run-accepted", "runs.run-finished", "runs.run-started"], ours.Select(fact => fact.Exchange).Order());
            Assert.All(ours, fact => Assert.True(Guid.TryParse(fact.MessageId, out _)));
            Assert.Equal("completed", ours.Single(fact => fact.Exchange == "runs.run-finished").Message.GetProperty("status").GetString());
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
    public async Task A_message_that_cannot_be_right_is_in_the_error_queue_with_its_cause_and_blocks_nothing(string poison)
    {
        var before = await Count("runs-lifecycle_error");
        var id = Calls.NewId();

        await Publish("runs.create-run", poison);
        await Publish("runs.create-run", CreateRun(id));

        await Eventually.Holds(async () => (await stack.Client.Read($"/runs/{id}")).Status == 200);
        await Eventually.Holds(async () => await Count("runs-lifecycle_error") > before);
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
        await operators.Listen(delivery => seen.TrySetResult(delivery.BasicProperties.Expiration), "runs-commands");

        await stack.Client.Create(Calls.Task());

        Assert.Null(await seen.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static string CreateRun(string id) => $$"""
        {"tenant":"dev","run_id":"{{id}}","kind":"task","owner":{"kind":"project","id":"{{Stack.Project}}"},
         "request":{"target":"task:t","config":{"n":1.50,"a.b":null} } }
        """;

    private Task Publish(string exchange, string body, string? contentType = null) => _channel.Publish(
        exchange, body, new BasicProperties { ContentType = contentType, MessageId = Guid.CreateVersion7().ToString() });

    private async Task<uint> Count(string queue)
    {
        await using var own = await _operators.CreateChannelAsync(); // asking for a queue that is not there yet closes the channel
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
