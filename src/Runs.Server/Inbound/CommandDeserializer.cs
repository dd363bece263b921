using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;
using Runs.Lifecycle;

namespace Runs.Server.Inbound;

/// <summary>
/// Deserializes the saga's messages with <see cref="CommandReader"/>, for every content type, regardless of what a
/// message declares.
/// </summary>
internal sealed class CommandDeserializer(CommandReader reader, TimeProvider clock, ContentType contentType)
    : ISerializerFactory, IMessageDeserializer
{
    /// <summary>
    /// The content types that MassTransit looks up. The first is the default and reads every other content type.
    /// </summary>
    public static readonly ContentType[] ContentTypes =
        [SystemTextJsonRawMessageSerializer.JsonContentType, SystemTextJsonMessageSerializer.JsonContentType];

    public ContentType ContentType => contentType;

    public IMessageDeserializer CreateDeserializer() => this;

    public IMessageSerializer CreateSerializer() => throw new NotSupportedException("Commands are only read.");

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var delivery = receiveContext.TryGetPayload<RabbitMqBasicConsumeContext>(out var context)
            ? new Delivery(context.Exchange, context.Properties, receiveContext.Body.GetBytes())
            : throw new InvalidMessageException("The message was not delivered by RabbitMQ.");

        // The description stays with the message. If a later step rejects the message, the fault uses what is known by
        // then.
        var message = receiveContext.GetOrAddPayload(() => new MessageDescription
        {
            Type = reader.GetCommandType(delivery),
            IsFromPublisher = !reader.IsFromApi(delivery),
            User = delivery.Properties.UserId,
        });
        var envelope = CommandReader.ReadEnvelope(delivery);
        message.Target = envelope is null ? reader.GetReplyTarget(delivery) : reader.GetReplyTarget(delivery, envelope);
        if (delivery.IsBatch)
        {
            return CreateContext(receiveContext, delivery, envelope, reader.ReadBatch(delivery), message.Target);
        }

        var command = reader.ReadCommand(delivery, envelope);
        (message.Type, message.Command) = (command.GetType(), command);
        reader.CheckPermissions(delivery, command);
        if (message.IsFromPublisher)
        {
            receiveContext.GetOrAddPayload(() => new PublisherCommandMarker());
        }

        return CreateContext(receiveContext, delivery, envelope, command, message.Target);
    }

    private BodyConsumeContext CreateContext(
        ReceiveContext receiveContext, Delivery delivery, Envelope? envelope, object message, ReplyTarget target) => new(
        new AcceptedReceiveContext(receiveContext, target),
        new CommandSerializerContext(
            CommandReader.CreateReceivedCommand(
                delivery, envelope, message, target, receiveContext.InputAddress, clock.GetUtcNow().UtcDateTime)));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("A command is read from a delivery.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("commands");

    /// <summary>
    /// Passes on the object that was read and validated, so that the command cannot be read again with a different
    /// result.
    /// </summary>
    private sealed class CommandSerializerContext(ReceivedCommand command) : SystemTextJsonSerializerContext(
        SystemTextJsonMessageSerializer.Instance,
        SystemTextJsonMessageSerializer.Options,
        SystemTextJsonMessageSerializer.JsonContentType,
        command,
        [MessageUrn.ForTypeString(command.Message.GetType())],
        message: command.Message);
}
