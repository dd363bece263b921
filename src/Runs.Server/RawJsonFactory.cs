using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server;

/// <summary>
/// Reads commands from publishers that do not use MassTransit: a body that is the message itself, as JSON. Its type is the one that the exchange is
/// named for, unless the header <c>MT-MessageType</c> names another. Enveloped messages have a content type of their own and do not come here.
/// </summary>
internal sealed class RawJsonFactory(IReadOnlyDictionary<string, Type> commandsByExchange) : ISerializerFactory
{
    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => new SystemTextJsonRawMessageSerializer(RawSerializerOptions.Default);

    public IMessageDeserializer CreateDeserializer() => new Deserializer(commandsByExchange);

    private sealed class Deserializer(IReadOnlyDictionary<string, Type> commandsByExchange) : IMessageDeserializer
    {
        private readonly SystemTextJsonRawMessageSerializer _raw = new(RawSerializerOptions.Default);

        public ContentType ContentType => _raw.ContentType;

        public ConsumeContext Deserialize(ReceiveContext receiveContext) => new BodyConsumeContext(
            receiveContext, _raw.Deserialize(receiveContext.Body, HeadersOf(receiveContext), receiveContext.InputAddress));

        public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
            _raw.Deserialize(body, headers, destinationAddress);

        public MessageBody GetMessageBody(string text) => _raw.GetMessageBody(text);

        public void Probe(ProbeContext context) => context.CreateScope("rawJson");

        private Headers HeadersOf(ReceiveContext received)
        {
            if (received.TransportHeaders.TryGetHeader(MessageHeaders.MessageType, out _)
                || !received.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery)
                || !commandsByExchange.TryGetValue(delivery.Exchange, out var command))
            {
                return received.TransportHeaders;
            }

            var headers = new DictionarySendHeaders();
            foreach (var header in received.TransportHeaders.GetAll())
            {
                headers.Set(header.Key, header.Value, overwrite: true);
            }

            headers.Set(MessageHeaders.MessageType, MessageUrn.ForTypeString(command));
            return headers;
        }
    }
}
