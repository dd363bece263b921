using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// Deserializes the saga's messages with <see cref="CommandReader"/>, for every content type, regardless of what a
/// message declares.
/// </summary>
internal sealed class CommandDeserializer(CommandReader reader, ContentType contentType) : ISerializerFactory, IMessageDeserializer
{
    /// <summary>
    /// The content types that MassTransit looks up. The first is the default and reads every other content type.
    /// </summary>
    public static readonly ContentType[] ContentTypes = [SystemTextJsonRawMessageSerializer.JsonContentType, SystemTextJsonMessageSerializer.JsonContentType];

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
        var command = reader.ReadCommand(delivery, envelope);
        (message.Type, message.Command) = (command.GetType(), command);
        reader.CheckPermissions(delivery, command);
        if (message.IsFromPublisher)
        {
            receiveContext.GetOrAddPayload(() => new PublisherCommandMarker());
        }

        var receivedCommand = CommandReader.CreateReceivedCommand(delivery, envelope, command, message.Target, receiveContext.InputAddress);
        return new BodyConsumeContext(new AcceptedReceiveContext(receiveContext, message.Target), new CommandSerializerContext(receivedCommand));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("A command is read from a delivery.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("commands");

    /// <summary>
    /// Passes on the object that was read and validated, so that the command cannot be read again with a different
    /// result.
    /// </summary>
    private sealed class CommandSerializerContext(ReceivedCommand command) : SystemTextJsonSerializerContext(
        SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options, SystemTextJsonMessageSerializer.JsonContentType, command,
        [MessageUrn.ForTypeString(command.Message.GetType())], message: command.Message);
}

/// <summary>The known facts about a message while it is read.</summary>
internal sealed class MessageDescription
{
    /// <summary>The command type that the message has or declares; null if nothing declares one.</summary>
    public Type? Type { get; set; }

    /// <summary>The command; null until it was read.</summary>
    public object? Command { get; set; }

    /// <summary>Whether a publisher sent the message, not the API.</summary>
    public bool IsFromPublisher { get; init; }

    /// <summary>
    /// The broker user of the publisher, which the broker has validated; null if the message has none.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The target of a rejection.</summary>
    public ReplyTarget Target { get; set; } = ReplyTarget.None;
}

/// <summary>
/// The receive context of an accepted message. It hides the publisher's headers and sends replies and faults to
/// <paramref name="target"/>.
/// </summary>
internal sealed class AcceptedReceiveContext(ReceiveContext context, ReplyTarget target) : MassTransit.Context.ReceiveContextProxy(context), ReceiveContext
{
    private readonly ReplySendEndpointProvider _endpoints = new(context.SendEndpointProvider, target);

    Headers ReceiveContext.TransportHeaders => EmptyHeaders.Instance;

    public override ISendEndpointProvider SendEndpointProvider => _endpoints;
}
