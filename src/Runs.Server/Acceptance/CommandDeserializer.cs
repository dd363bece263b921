using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>Puts <see cref="CommandReader"/> in front of the saga: for every content type, whatever a message says of itself.</summary>
internal sealed class CommandDeserializer(CommandReader reader, ContentType contentType) : ISerializerFactory, IMessageDeserializer
{
    /// <summary>The content types that MassTransit looks up. Every other is read by the first, the default.</summary>
    public static readonly ContentType[] ContentTypes = [SystemTextJsonRawMessageSerializer.JsonContentType, SystemTextJsonMessageSerializer.JsonContentType];

    public ContentType ContentType => contentType;

    public IMessageDeserializer CreateDeserializer() => this;

    public IMessageSerializer CreateSerializer() => throw new NotSupportedException("Commands are only read.");

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var delivered = receiveContext.TryGetPayload<RabbitMqBasicConsumeContext>(out var context)
            ? new Delivery(context.Exchange, context.Properties, receiveContext.Body.GetBytes())
            : throw new InvalidMessageException("The message was not delivered by RabbitMQ.");

        // It stays with the message: should the rest be wrong, the fault goes by what is known by then.
        var known = receiveContext.GetOrAddPayload(() => new MessageDescription
        {
            Type = reader.TypeOf(delivered),
            IsFromPublisher = !reader.IsFromApi(delivered),
            User = delivered.Properties.UserId,
        });
        var envelope = CommandReader.EnvelopeOf(delivered);
        known.Target = envelope is null ? reader.TargetOf(delivered) : reader.TargetOf(delivered, envelope);
        var command = reader.CommandOf(delivered, envelope);
        (known.Type, known.Command) = (command.GetType(), command);
        reader.CheckRights(delivered, command);
        if (known.IsFromPublisher)
        {
            receiveContext.GetOrAddPayload(() => new PublisherCommand());
        }

        var accepted = CommandReader.Accept(delivered, envelope, command, known.Target, receiveContext.InputAddress);
        return new BodyConsumeContext(new AcceptedReceiveContext(receiveContext, known.Target), new CommandContext(accepted));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("A command is read from a delivery.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("commands");

    /// <summary>Hands the command over as the object that was read and checked, so that it cannot be read a second time in another way.</summary>
    private sealed class CommandContext(ReceivedCommand command) : SystemTextJsonSerializerContext(
        SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options, SystemTextJsonMessageSerializer.JsonContentType, command,
        [MessageUrn.ForTypeString(command.Message.GetType())], message: command.Message);
}

/// <summary>What is known of a message while it is read.</summary>
internal sealed class MessageDescription
{
    /// <summary>What it is, or is meant to be; null where nothing says so.</summary>
    public Type? Type { get; set; }

    /// <summary>The command, once it was read.</summary>
    public object? Command { get; set; }

    /// <summary>Whether a publisher sent it, and not the API.</summary>
    public bool IsFromPublisher { get; init; }

    /// <summary>The publisher's broker user, which the broker has validated; null where the message has none.</summary>
    public string? User { get; init; }

    /// <summary>Where a rejection is sent.</summary>
    public ReplyTarget Target { get; set; } = ReplyTarget.None;
}

/// <summary>An accepted message on its way to the saga: the publisher's headers are hidden, and what is sent to the sender goes where <paramref name="target"/> says.</summary>
internal sealed class AcceptedReceiveContext(ReceiveContext context, ReplyTarget target) : MassTransit.Context.ReceiveContextProxy(context), ReceiveContext
{
    private readonly ReplyEndpoints _endpoints = new(context.SendEndpointProvider, target);

    Headers ReceiveContext.TransportHeaders => EmptyHeaders.Instance;

    public override ISendEndpointProvider SendEndpointProvider => _endpoints;
}
