using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Unexpected messages on the temporary queues of the service: those of its bus, of its change notifications and of its
/// replies. They are dropped: the channel stays open, and no queue is declared for them.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class ServiceQueueTests(ObservedApplication application) : IClassFixture<ObservedApplication>, IAsyncLifetime
{
    private const string Envelope = "application/vnd.masstransit+json";

    private RawAmqpClient _publisher = null!;
    private RawAmqpClient _operators = null!;

    public async Task InitializeAsync()
    {
        _publisher = await RawAmqpClient.Connect(application.RabbitMq);
        _operators = await RawAmqpClient.Connect(application.OperatorRabbitMq);
    }

    public async Task DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replies_and_faults_sent_to_the_bus_queue_are_dropped(bool isEnvelope)
    {
        var queue = await FindBusQueue();
        var received = application.Observer.ReceivedOn(queue);

        foreach (var command in new[] { RawAmqpClient.CreateRun(TestRequests.NewId()), """{"tenant":"dev"}""" }) // a snapshot and a fault
        {
            await (isEnvelope
                ? _publisher.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(command, $"queue:{queue}"))
                : _publisher.Publish("runs.create-run", command, new BasicProperties { ReplyTo = queue }));
        }

        await Eventually.Holds(() => Task.FromResult(application.Observer.ReceivedOn(queue) >= received + 2));
        await AssertQueuesUnaffected();
    }

    [Theory]
    [MemberData(nameof(UnexpectedKinds))]
    public async Task Unexpected_messages_on_a_queue_of_the_service_are_dropped(string kind)
    {
        foreach (var queue in new[] { await FindBusQueue(), FindChangeQueue(), await FindReplyQueue(), "runs-schedules" })
        {
            var endpoint = queue.StartsWith(RabbitMqReply, StringComparison.Ordinal) ? RabbitMqReply : queue;
            var received = application.Observer.ReceivedOn(endpoint);

            var message = UnexpectedMessages[kind];
            var properties = new BasicProperties { ContentType = message.ContentType, Headers = message.Headers };
            await _operators.Publish("", message.Body, properties, routingKey: queue);

            await Eventually.Holds(() => Task.FromResult(application.Observer.ReceivedOn(endpoint) > received));
        }

        await AssertQueuesUnaffected();
    }

    private const string RabbitMqReply = "amq.rabbitmq.reply-to";
    private const string ChangeQueuePrefix = "queues runs-api-";

    private static readonly Dictionary<string, UnexpectedMessage> UnexpectedMessages = new()
    {
        ["bytes"] = new(null, "\0\u0001"),
        ["bytes as an envelope"] = new(Envelope, "\0\u0001"),
        ["bytes with addresses"] = new("application/json", "{", new()
        {
            ["MT-Response-Address"] = "queue:runs-made-up",
            ["MT-Fault-Address"] = "queue:made-up",
            ["MT-MessageType"] = "urn:message:Runs.Contracts:RunStarted",
        }),
        ["an event without its members"] = new(Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", "RunStarted")),
        ["an event that is text"] = new(Envelope, RawAmqpClient.Envelope("\"text\"", "queue:runs-made-up", "RunStarted")),
        ["an empty change notification"] = new(
            Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", MessageUrn.ForTypeString<RunLogsAppended>())),
        ["a reply to an unknown request"] = new(Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", "RunSnapshot")),
        ["a command"] = new(Envelope, RawAmqpClient.Envelope(RawAmqpClient.CreateRun(TestRequests.NewId()), "queue:made-up")),
    };

    public static TheoryData<string> UnexpectedKinds => [.. UnexpectedMessages.Keys];

    // The endpoints still consume, the API and the bus receive replies, and no queue was declared.
    private async Task AssertQueuesUnaffected()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        var cancel = new CancelRun { Tenant = "dev", RunId = run };
        var reply = await application.Bus.CreateRequestClient<CancelRun>().GetResponse<RunSnapshot>(cancel);
        Assert.Equal("cancelled", reply.Message.Run.Status);
        Assert.True(application.Observer.Faults.Count == 0, string.Join("\n", application.Observer.Faults));
        Assert.All(
            (await application.ListEntities()).Except(application.InitialEntities),
            name => Assert.EndsWith(" runs-lifecycle_error", name, StringComparison.Ordinal));
    }

    private string FindChangeQueue() =>
        application.InitialEntities.Single(name => name.StartsWith(ChangeQueuePrefix, StringComparison.Ordinal))["queues ".Length..];

    // A publisher finds the name of the queue in an event.
    private async Task<string> FindBusQueue()
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _publisher.Connection.CreateChannelAsync();
        await channel.Subscribe(
            delivery =>
            {
                var envelope = JsonElement.Parse(delivery.Body.Span);
                address.TrySetResult(new Uri(envelope.GetProperty("sourceAddress").GetString()!));
            },
            "runs.run-accepted");
        await application.Client.Create(TestRequests.TaskBody());
        return BusConnectivity.GetEndpointName(await address.Task.WaitAsync(Eventually.Timeout));
    }

    private async Task<string> FindReplyQueue()
    {
        var replyTo = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _operators.Connection.CreateChannelAsync();
        await channel.Subscribe(delivery => replyTo.TrySetResult(delivery.BasicProperties.ReplyTo!), "runs-commands");
        await application.Client.Create(TestRequests.TaskBody());
        return await replyTo.Task.WaitAsync(Eventually.Timeout);
    }

    private sealed record UnexpectedMessage(string? ContentType, string Body, Dictionary<string, object?>? Headers = null);
}
