using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Runs.EndToEnd.Tests;

/// <summary>A publisher with the permissions of docs/publishers.md, and an operator who inspects the queues.</summary>
internal sealed class HostilePublisher : IAsyncDisposable
{
    private readonly IConnection _operators;

    private HostilePublisher(RawAmqpClient client, IConnection operators) => (Client, _operators) = (client, operators);

    public RawAmqpClient Client { get; }

    public static async Task<HostilePublisher> Connect(ContainerApplication application)
    {
        var client = await RawAmqpClient.Connect(application.RabbitMq);
        return new(client, await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync());
    }

    public Task<IChannel> CreateOperatorChannel() => _operators.CreateChannelAsync();

    /// <summary>Counts the messages in the error queue.</summary>
    public async Task<uint> CountErrors()
    {
        await using var channel = await CreateOperatorChannel(); // the broker closes the channel if the queue does not exist yet
        try
        {
            return await channel.MessageCountAsync("runs-lifecycle_error");
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    public async Task AssertCreatesSucceed()
    {
        var reply = await Client.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()));
        Assert.Equal("RunSnapshot", reply.Properties.Type);
    }

    /// <summary>Publishes an envelope with a response address, and returns the reply.</summary>
    public Task<RawAmqpReply> RequestWithEnvelope(string exchange, Func<string, string> envelope) => Client.RequestWithReplyQueue(
        exchange,
        envelope,
        configure: properties => (properties.ContentType, properties.ReplyTo) = (RawAmqpClient.EnvelopeContentType, null));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _operators.DisposeAsync();
    }
}
