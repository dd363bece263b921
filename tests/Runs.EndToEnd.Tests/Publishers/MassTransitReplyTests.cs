using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>Replies to publishers that set a MassTransit response address.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class MassTransitReplyTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
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

    [Fact]
    public async Task A_MassTransit_response_address_gets_an_envelope()
    {
        var replied = new TaskCompletionSource<RawAmqpReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var operators = await _operators.CreateChannelAsync();
        await operators.QueueDeclareAsync(ContainerApplication.ReplyQueue, durable: true, exclusive: false, autoDelete: false);
        await operators.Consume(ContainerApplication.ReplyQueue, delivery => replied.TrySetResult(RawAmqpReply.From(delivery)));
        var id = TestRequests.NewId();

        var address = $"exchange:{ContainerApplication.ReplyQueue}?bind=true&queue=others";
        var properties = RawAmqpClient.WithHeader("MT-Response-Address", address);
        properties.ReplyTo = "unknown-queue";
        await _client.Publish("runs.create-run", RawAmqpClient.CreateRun(id), properties);

        var reply = await replied.Task.WaitAsync(Eventually.Timeout);
        AssertIsEnvelope(id, reply);
    }

    [Fact]
    public async Task A_MassTransit_direct_request_gets_an_envelope()
    {
        var id = TestRequests.NewId();
        var address = $"rabbitmq://localhost/{RawAmqpClient.DirectReplyTo}?temporary=true";

        var reply = await _client.RequestWithReplyQueue(
            "runs.create-run",
            _ => RawAmqpClient.Envelope(RawAmqpClient.CreateRun(id), address),
            configure: properties => properties.ContentType = RawAmqpClient.EnvelopeContentType,
            replyQueue: RawAmqpClient.DirectReplyTo);

        AssertIsEnvelope(id, reply);
    }

    private static void AssertIsEnvelope(string runId, RawAmqpReply reply)
    {
        Assert.Equal(RawAmqpClient.EnvelopeContentType, reply.Properties.ContentType);
        Assert.Equal(runId, reply.Body.GetProperty("message").GetProperty("run").GetProperty("run_id").GetString());
    }
}
