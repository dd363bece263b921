using System.Net.Mime;
using System.Text.Json.Serialization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Serialization;

namespace Runs.Server;

/// <summary>
/// The answer to a client that speaks AMQP and knows nothing of MassTransit: the message itself as JSON, in the queue that the request's
/// <c>reply_to</c> names, with the request's <c>correlation_id</c>, and with its own name as <c>type</c>.
/// </summary>
internal sealed class PlainReply(string? correlationId) : IMessageSerializer
{
    // No queue has this name: the broker drops what is sent to it.
    private const string Nobody = "runs-nobody";

    /// <summary>
    /// The response address of a request with <c>reply_to</c>. MassTransit knows it: the reply goes through the default exchange, so nothing is
    /// declared or bound, and the broker drops what nobody waits for any more.
    /// </summary>
    public static readonly Uri Address = new($"exchange:{RabbitMqExchangeNames.ReplyTo}");

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    /// <summary>Makes <paramref name="send"/> a plain reply if it answers a plain request.</summary>
    public static void Configure(SendContext send)
    {
        if (send is not RabbitMqSendContext { Exchange: RabbitMqExchangeNames.ReplyTo } reply
            || !send.TryGetPayload<ConsumeContext>(out var request)
            || !request.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery))
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(delivery.Properties.ReplyTo))
        {
            reply.RoutingKey = Nobody; // MassTransit would refuse to send, and the broker deliver the command again and again
        }
        else if (request.ResponseAddress == Address)
        {
            send.Serializer = new PlainReply(delivery.Properties.CorrelationId);
            reply.AwaitAck = false; // the queue is the client's: that it takes no more must not hold up anybody's commands
        }
    }

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        var fault = context.Message as Fault;
        var properties = ((RabbitMqSendContext)context).BasicProperties;
        properties.Type = fault is null ? typeof(T).Name : nameof(Fault);
        properties.CorrelationId = correlationId;
        context.CorrelationId = null; // MassTransit's reading of a client's GUID, which it would write in another form
        return new SystemTextJsonRawMessageBody<T>(context, SystemTextJsonMessageSerializer.Options, fault is null ? null : PlainFault.Of(fault));
    }

    /// <summary>Why a command was not carried out, without MassTransit's description of the host and the stack.</summary>
    private sealed record PlainFault([property: JsonPropertyName("detail")] string Detail)
    {
        public static PlainFault Of(Fault fault) => new(string.Join(" ", fault.Exceptions.Select(CauseOf)));

        private static string CauseOf(ExceptionInfo exception) => exception.InnerException is { } inner ? CauseOf(inner) : exception.Message;
    }
}
