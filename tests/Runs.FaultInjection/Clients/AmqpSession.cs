using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Runs.FaultInjection.Clients;

/// <summary>A connection to the broker with a channel and a reply queue.</summary>
internal sealed class AmqpSession : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly IConnection _connection;

    private AmqpSession(IConnection connection, IChannel channel, string replyQueue) =>
        (_connection, Channel, ReplyQueue) = (connection, channel, replyQueue);

    public IChannel Channel { get; }

    public string ReplyQueue { get; }

    /// <summary>Whether the broker did not confirm a message in time.</summary>
    public bool IsUnresponsive { get; set; }

    public bool IsUsable => !IsUnresponsive && _connection.IsOpen && Channel.IsOpen;

    public static async Task<AmqpSession> Open(
        Uri url,
        AsyncEventHandler<BasicDeliverEventArgs> handleReply,
        CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = url,
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = Timeout,
            ContinuationTimeout = Timeout,
            RequestedHeartbeat = Timeout,
        };
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            var options = new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true);
            var channel = await connection.CreateChannelAsync(options, cancellationToken);
            var replyQueue = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += handleReply;
            await channel.BasicConsumeAsync(replyQueue, autoAck: true, consumer, cancellationToken);
            return new AmqpSession(connection, channel, replyQueue);
        }
        catch
        {
            await Abort(connection);
            connection.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Abort(_connection);
            await _connection.DisposeAsync();
        }
        catch (Exception exception)
            when (RecordingAmqpClient.IsConnectionFailure(exception) || exception is OperationCanceledException)
        {
            // The connection is lost already.
        }
    }

    private static Task Abort(IConnection connection) =>
        connection.CloseAsync(Constants.ReplySuccess, "done", CloseTimeout, abort: true, CancellationToken.None);
}
