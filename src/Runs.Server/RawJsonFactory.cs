using System.Net.Mime;
using System.Runtime.Serialization;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server;

/// <summary>
/// Reads commands from publishers that do not use MassTransit: a body that is the message itself, as JSON. Its type is the one that the exchange is
/// named for, unless the header <c>MT-MessageType</c> names another. Answers go to the queue of the property <c>reply_to</c>, unless the header
/// <c>MT-Response-Address</c> names another place. Enveloped messages have a content type of their own and do not come here.
/// </summary>
internal sealed class RawJsonFactory(IReadOnlyDictionary<string, Type> commandsByExchange) : ISerializerFactory
{
    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => new SystemTextJsonRawMessageSerializer(RawSerializerOptions.Default);

    public IMessageDeserializer CreateDeserializer() => new Deserializer(commandsByExchange);

    private sealed class Deserializer(IReadOnlyDictionary<string, Type> commandsByExchange) : IMessageDeserializer
    {
        private static readonly StringMessageBody NoBody = new("");

        private readonly SystemTextJsonRawMessageSerializer _raw = new(RawSerializerOptions.Default);

        public ContentType ContentType => _raw.ContentType;

        public ConsumeContext Deserialize(ReceiveContext receiveContext)
        {
            var headers = HeadersOf(receiveContext);
            try
            {
                return Context(receiveContext, headers, receiveContext.Body);
            }
            catch (SerializationException)
            {
                Context(receiveContext, headers, NoBody);
                throw;
            }
        }

        public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
            _raw.Deserialize(body, headers, destinationAddress);

        public MessageBody GetMessageBody(string text) => _raw.GetMessageBody(text);

        public void Probe(ProbeContext context) => context.CreateScope("rawJson");

        // It stays with the message: should that turn out to be unreadable, the fault is sent to where this says.
        private ConsumeContext Context(ReceiveContext received, Headers headers, MessageBody body) => received.AddOrUpdatePayload<ConsumeContext>(
            () => new BodyConsumeContext(received, _raw.Deserialize(body, headers, received.InputAddress)), known => known);

        private Headers HeadersOf(ReceiveContext received)
        {
            if (!received.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery))
            {
                return received.TransportHeaders;
            }

            var headers = new DictionarySendHeaders();
            foreach (var header in received.TransportHeaders.GetAll())
            {
                headers.Set(header.Key, header.Value, overwrite: true);
            }

            if (commandsByExchange.TryGetValue(delivery.Exchange, out var command))
            {
                headers.Set(MessageHeaders.MessageType, MessageUrn.ForTypeString(command), overwrite: false);
            }

            if (!string.IsNullOrWhiteSpace(delivery.Properties.ReplyTo))
            {
                headers.Set(MessageHeaders.ResponseAddress, PlainReply.Address, overwrite: false);
            }

            return headers;
        }
    }
}
