using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server.Acceptance;

/// <summary>
/// The answer to a client that speaks AMQP and knows nothing of MassTransit: the message itself as JSON, with the request's <c>correlation_id</c>, and with its own name
/// as <c>type</c>.
/// </summary>
internal sealed class PlainReply(string? correlationId) : IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        var fault = context.Message as Fault;
        var properties = ((RabbitMqSendContext)context).BasicProperties;
        properties.Type = fault is null ? typeof(T).Name : nameof(Fault);
        properties.CorrelationId = correlationId;
        context.CorrelationId = null; // MassTransit's reading of a client's GUID, which it would write in another form
        return MessageSize.Serialize(
            fault is null ? context.Message : PublicFault.PlainOf(fault),
            message => new SystemTextJsonRawMessageBody<T>(context, SystemTextJsonMessageSerializer.Options, message));
    }
}
