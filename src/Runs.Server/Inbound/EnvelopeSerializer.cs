using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server.Inbound;

/// <summary>
/// Serializes MassTransit's envelope without the description of the machine, the process and the operating system that
/// MassTransit adds to every message.
/// </summary>
internal sealed class EnvelopeSerializer : ISerializerFactory, IMessageSerializer
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => SystemTextJsonMessageSerializer.Instance;

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => MessageSizeLimit.SerializeWithinLimit(
            context.Message is Fault fault ? PublicFault.FromFault(fault) : context.Message,
            message => new SystemTextJsonMessageBody<T>(
                context, SystemTextJsonMessageSerializer.Options, new JsonMessageEnvelope(context, message) { Host = null }));
}
