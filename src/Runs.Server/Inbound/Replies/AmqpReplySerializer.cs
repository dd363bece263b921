using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server.Inbound;

/// <summary>
/// Serializes replies to AMQP clients that do not use MassTransit: the message as raw JSON, with the
/// <c>correlation_id</c> of the request and the message name as <c>type</c>.
/// </summary>
internal sealed class AmqpReplySerializer(string? correlationId) : IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        var fault = context.Message as Fault;
        var properties = ((RabbitMqSendContext)context).BasicProperties;
        properties.Type = fault is null ? typeof(T).Name : nameof(Fault);
        properties.CorrelationId = correlationId;
        context.CorrelationId = null; // MassTransit parses the client's GUID and would write it in a different format
        return MessageSizeLimit.SerializeWithinLimit(
            fault is null ? context.Message : PublicFault.CreateAmqpFault(fault),
            message => new SystemTextJsonRawMessageBody<T>(context, SystemTextJsonMessageSerializer.Options, message));
    }
}
