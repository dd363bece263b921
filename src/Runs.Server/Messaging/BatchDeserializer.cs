using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Runs.Server.Messaging;

/// <summary>
/// Reads batches from processes of the service itself: replies, and commands on the in-memory transport. Commands from
/// RabbitMQ pass <see cref="Inbound.CommandDeserializer"/>.
/// </summary>
internal sealed class BatchDeserializer<T>(BatchFormat format, Func<IReadOnlyList<BatchItem>, T> create)
    : ISerializerFactory, IMessageDeserializer
    where T : class
{
    private static readonly string[] MessageTypes = [MessageUrn.ForTypeString<T>()];

    public ContentType ContentType { get; } = new(format.ContentType);

    public IMessageDeserializer CreateDeserializer() => this;

    public IMessageSerializer CreateSerializer() => throw new NotSupportedException("Batches are only read here.");

    public ConsumeContext Deserialize(ReceiveContext receiveContext) => BatchFormat.IsSupported(receiveContext.ContentType.ToString())
        ? new BodyConsumeContext(
            receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress))
        : throw new InvalidBatchException($"its content type is {receiveContext.ContentType}");

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        new SystemTextJsonSerializerContext(
            SystemTextJsonMessageSerializer.Instance,
            SystemTextJsonMessageSerializer.Options,
            SystemTextJsonMessageSerializer.JsonContentType,
            new RawMessageContext(headers, destinationAddress, default),
            MessageTypes,
            message: create(format.Read(body.GetBytes())));

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("batches");
}
