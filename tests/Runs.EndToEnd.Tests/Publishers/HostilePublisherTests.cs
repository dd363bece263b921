using CsCheck;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.Contracts;
using Runs.Tests.Messaging;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A publisher that may only publish commands cannot disturb other publishers or use the permissions of the service
/// with any message.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class HostilePublisherTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private HostilePublisher _hostile = null!;

    public async Task InitializeAsync() => _hostile = await HostilePublisher.Connect(application);

    public Task DisposeAsync() => _hostile.DisposeAsync().AsTask();

    [Theory]
    [InlineData("queue:runs-lifecycle")]
    [InlineData("exchange:runs.run-accepted?type=direct")]
    [InlineData("exchange:amq.rabbitmq.reply-to")]
    [InlineData("loopback://localhost/queue")]
    [InlineData("not a uri")]
    public async Task A_hostile_response_address_is_rejected_without_effect_on_other_publishers(string address)
    {
        await using var watch = await QueueMonitor.Start(application);
        var id = TestRequests.NewId();
        var before = await _hostile.CountErrors();

        await _hostile.Client.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(RawAmqpClient.CreateRun(id), address));
        await _hostile.Client.Publish(
            "runs.create-run", RawAmqpClient.CreateRun(id), RawAmqpClient.WithHeader("MT-Response-Address", address));
        await _hostile.Client.Publish(
            "runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""", RawAmqpClient.WithHeader("MT-Fault-Address", address));
        await Eventually.Holds(async () => await _hostile.CountErrors() >= before + 3);

        await watch.StopAndAssertUndisturbed();
        Assert.Equal(404, (await application.Client.Get($"/runs/{id}")).Status);
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_bind_a_queue()
    {
        await using var channel = await _hostile.CreateOperatorChannel();
        await channel.QueueDeclareAsync("pub-inbox", durable: true, exclusive: false, autoDelete: false);
        var before = await _hostile.CountErrors();

        const string Address = "rabbitmq://localhost/runs.run-accepted?bind=true&queue=pub-inbox";
        await _hostile.Client.PublishEnvelope(
            "runs.create-run", RawAmqpClient.Envelope(RawAmqpClient.CreateRun(TestRequests.NewId()), Address));
        await Eventually.Holds(async () => await _hostile.CountErrors() > before);
        await application.Client.Create(TestRequests.TaskBody());
        await Eventually.Succeeds(_hostile.AssertCreatesSucceed);

        Assert.Equal(0u, await channel.MessageCountAsync("pub-inbox"));
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_write_to_other_queues()
    {
        await using var channel = await _hostile.CreateOperatorChannel();
        await channel.QueueDeclareAsync("other-app-orders", durable: true, exclusive: false, autoDelete: false);
        var (before, id) = (await _hostile.CountErrors(), TestRequests.NewId());

        await _hostile.Client.Publish("runs.create-run", RawAmqpClient.CreateRun(id), new BasicProperties { ReplyTo = "other-app-orders" });
        await _hostile.Client.Publish(
            "runs.create-run",
            RawAmqpClient.CreateRun(id),
            RawAmqpClient.WithHeader("MT-Response-Address", "exchange:other-app-orders?bind=true&queue=other-app-orders"));
        await Eventually.Holds(async () => await _hostile.CountErrors() >= before + 2);

        // The broker reads further routing keys from this header: the service must not copy it.
        var headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "other-app-orders" }, ["X-Mine"] = "1" };
        var reply = await _hostile.Client.Request(
            "runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), configure: properties => properties.Headers = headers);

        Assert.DoesNotContain("CC", reply.Properties.Headers?.Keys ?? []);
        Assert.DoesNotContain("X-Mine", reply.Properties.Headers?.Keys ?? []);
        Assert.Equal(0u, await channel.MessageCountAsync("other-app-orders"));
        Assert.Equal(404, (await application.Client.Get($"/runs/{id}")).Status);
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_declare_queues_or_exchanges()
    {
        var (entities, errors) = (await application.ListEntities(), await _hostile.CountErrors());

        for (var i = 0; i < 20; i++)
        {
            var address = i % 2 == 0 ? $"queue:made-for-{i}" : $"rabbitmq://localhost/host_process_bus_{i:D26}?temporary=true";
            var cancel = $$"""{"tenant":"dev","run_id":"{{TestRequests.NewId()}}"}""";
            await _hostile.Client.Publish("runs.cancel-run", cancel, RawAmqpClient.WithHeader("MT-Response-Address", address));
        }

        await Eventually.Holds(async () => await _hostile.CountErrors() >= errors + 10);
        await _hostile.AssertCreatesSucceed();
        Assert.Equal(entities, await application.ListEntities());
    }

    [Fact]
    public async Task The_exchange_determines_the_message_type()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));
        var (before, failed) = (await _hostile.CountErrors(), $$"""{"tenant":"dev","run_id":"{{id}}","status":"failed"}""");

        await _hostile.Client.Publish(
            "runs.create-run", failed, RawAmqpClient.WithHeader("MT-MessageType", "urn:message:Runs.Contracts:CompleteRun"));
        await _hostile.Client.Publish("runs.create-run", failed);
        await _hostile.Client.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(failed, type: nameof(CompleteRun)));
        await Eventually.Holds(async () => await _hostile.CountErrors() >= before + 3);

        Assert.Equal("pending", (await application.Client.GetRun(id)).Status);
    }

    [Fact]
    public async Task Random_deliveries_do_not_stop_the_commands_of_other_publishers()
    {
        await using var watch = await QueueMonitor.Start(application);

        await Gen.Select(DeliveryGenerators.OneOf(CommandExchanges), DeliveryGenerators.Properties, DeliveryGenerators.Body).SampleAsync(
            async (exchange, properties, body) =>
            {
                await TryPublish(exchange, properties, body);
                var reply = await _hostile.Client.Request(
                    "runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), QueueMonitor.MaxReplyTime);
                return reply.Properties.Type == "RunSnapshot";
            },
            iter: 300,
            threads: 1);

        await watch.StopAndAssertUndisturbed();
    }

    private static readonly string[] CommandExchanges =
    [
        "runs.create-run", "runs.start-run", "runs.claim-run", "runs.release-run", "runs.wait-run", "runs.resume-run", "runs.complete-run",
        "runs.cancel-run",
    ];

    // For some messages the broker closes the publisher's channel.
    private async Task TryPublish(string exchange, BasicProperties properties, byte[] body)
    {
        try
        {
            await using var channel = await _hostile.Client.Connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, body);
        }
        catch (Exception rejected) when (rejected is RabbitMQClientException or ObjectDisposedException)
        {
        }
    }
}
