using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.Lifecycle;

namespace Runs.Server.Inbound;

/// <summary>
/// Parses deliveries into commands, or rejects them before any processing. The exchange determines the type: a message
/// that was published to <c>runs.create-run</c> is a create or is rejected. Raw JSON and MassTransit envelopes are
/// equivalent.
/// </summary>
internal sealed class CommandReader(
    IReadOnlyDictionary<string, Type> typesByExchange, ReplyQueuePolicy replyQueuePolicy, PublisherPermissions permissions)
{
    private static readonly Dictionary<string, Type> CommandsByUrn =
        MessageTypes.Commands.ToDictionary(MessageUrn.ForTypeString, StringComparer.OrdinalIgnoreCase);

    // The serializer options of the bus, which also write its own messages.
    private static JsonSerializerOptions SerializerOptions => SystemTextJsonMessageSerializer.Options;

    /// <summary>
    /// The target of replies to <paramref name="delivery"/>, according to its properties and headers.
    /// </summary>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public ReplyTarget GetReplyTarget(Delivery delivery)
    {
        var properties = delivery.Properties;
        var response = delivery.GetHeader(MessageHeaders.ResponseAddress);
        var usesRawJson = string.IsNullOrWhiteSpace(response);
        return new ReplyTarget(
            usesRawJson ? replyQueuePolicy.ResolveQueue(properties.ReplyTo) : replyQueuePolicy.ResolveQueue(response, properties.ReplyTo),
            replyQueuePolicy.ResolveQueue(delivery.GetHeader(MessageHeaders.FaultAddress), properties.ReplyTo),
            usesRawJson,
            usesRawJson ? properties.CorrelationId : null,
            usesRawJson ? null : delivery.GetId(MessageHeaders.RequestId));
    }

    /// <summary>The target of replies to an envelope.</summary>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public ReplyTarget GetReplyTarget(Delivery delivery, Envelope envelope)
    {
        var replyTo = delivery.Properties.ReplyTo;
        return new ReplyTarget(
            replyQueuePolicy.ResolveQueue(envelope.ResponseAddress, replyTo),
            replyQueuePolicy.ResolveQueue(envelope.FaultAddress, replyTo),
            UsesRawJson: false,
            CorrelationId: null,
            Delivery.ParseId(envelope.RequestId));
    }

    /// <summary>
    /// The message type of the exchange; null if the exchange has none. In that case the message itself must name its
    /// type.
    /// </summary>
    public Type? GetCommandType(Delivery delivery) => typesByExchange.GetValueOrDefault(delivery.Exchange);

    /// <summary>Reads the envelope around the command; null for raw JSON.</summary>
    /// <exception cref="InvalidMessageException">The body is not a valid envelope.</exception>
    public static Envelope? ReadEnvelope(Delivery delivery)
    {
        if (!delivery.IsEnvelope)
        {
            return null;
        }

        return Parse<Envelope>(delivery, "The envelope") ?? throw new InvalidMessageException("The envelope is null.");
    }

    /// <summary>Reads the command.</summary>
    /// <param name="delivery">The delivered message.</param>
    /// <param name="envelope">The envelope of the message, or null.</param>
    /// <exception cref="InvalidMessageException">The message is not a valid command.</exception>
    public object ReadCommand(Delivery delivery, Envelope? envelope)
    {
        var names = (envelope is null ? ReadTypeNames(delivery) : envelope.MessageType) ?? [];
        var type = GetCommandType(delivery) is { } expected
            ? ValidateType(expected, names, envelope is not null, delivery.Exchange)
            : ResolveType(names);
        ValidateEncoding(delivery);
        return envelope is null ? Parse(delivery, type) : FromEnvelope(envelope, type);
    }

    /// <summary>Reads a batch of commands, which only the API may send.</summary>
    /// <exception cref="InvalidMessageException">
    /// The batch comes from another publisher, has a version that this release does not know, or cannot be read.
    /// </exception>
    public CommandBatch ReadBatch(Delivery delivery)
    {
        if (!IsFromApi(delivery))
        {
            throw new InvalidMessageException("A batch of commands is accepted from the API only; send single commands.");
        }

        if (!BatchFormat.IsSupported(delivery.Properties.ContentType))
        {
            throw new InvalidMessageException($"The batch has a version other than {BatchFormat.Version}.");
        }

        try
        {
            return new CommandBatch(BatchFormat.Commands.Read(delivery.Body));
        }
        catch (InvalidBatchException exception)
        {
            throw new InvalidMessageException(exception.Message);
        }
    }

    /// <summary>Checks that the publisher may send <paramref name="command"/>.</summary>
    /// <exception cref="InvalidMessageException">The publisher may not send it.</exception>
    public void CheckPermissions(Delivery delivery, object command) =>
        permissions.EnsureAllowed(delivery.Properties.UserId, RunReference.FromCommand(command).Tenant ?? "");

    /// <summary>
    /// Whether the API sent <paramref name="delivery"/>, which means that its actor is a validated credential. Nothing
    /// in the body affects the result.
    /// </summary>
    public bool IsFromApi(Delivery delivery) => permissions.IsFromApi(delivery.Exchange, delivery.Properties.UserId);

    /// <summary>Creates the message context that MassTransit receives.</summary>
    public static ReceivedCommand CreateReceivedCommand(
        Delivery delivery, Envelope? envelope, object command, ReplyTarget target, Uri destination, DateTime now) =>
        new(command, destination)
        {
            MessageId = envelope is null
                ? delivery.GetId(MessageHeaders.MessageId, delivery.Properties.MessageId)
                : Delivery.ParseId(envelope.MessageId),
            RequestId = target.RequestId,
            CorrelationId = envelope is null ? null : Delivery.ParseId(envelope.CorrelationId),
            ConversationId = envelope is null ? delivery.GetId(MessageHeaders.ConversationId) : Delivery.ParseId(envelope.ConversationId),
            SentTime = SentTime.Read(delivery, envelope, now),
            ResponseAddress = target.ResponseAddress,
            FaultAddress = target.FaultAddress,
        };

    private static string[]? ReadTypeNames(Delivery delivery) => delivery.GetHeader(MessageHeaders.MessageType)
        ?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Type ValidateType(Type expected, string?[] names, bool isEnvelope, string exchange)
    {
        var urn = MessageUrn.ForTypeString(expected);
        return names.Contains(urn, StringComparer.OrdinalIgnoreCase) || (names.Length == 0 && !isEnvelope)
            ? expected
            : throw new InvalidMessageException($"The message type is not {urn}, which is all that the exchange {exchange} is for.");
    }

    // For messages that were sent directly to the queue: operators return messages there, and MassTransit clients may
    // send to it. Only commands are accepted, never the service's internal messages.
    private static Type ResolveType(string?[] names) =>
        names.Select(name => CommandsByUrn.GetValueOrDefault(name ?? "")).OfType<Type>().Distinct().ToList() is [var commandType]
            ? commandType
            : throw new InvalidMessageException($"The message type has to be one command, such as {CommandsByUrn.Keys.First()}.");

    private static void ValidateEncoding(Delivery delivery)
    {
        if (delivery.Properties.ContentEncoding is { Length: > 0 } encoding
            && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !encoding.Equals("utf8", StringComparison.OrdinalIgnoreCase)
            && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidMessageException("content_encoding has to be utf-8 or absent.");
        }
    }

    private static object Parse(Delivery delivery, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(delivery.Body, type, SerializerOptions) ?? throw CreateNullException(type);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw CreateMalformedException(type.Name, exception);
        }
    }

    private static object FromEnvelope(Envelope envelope, Type type)
    {
        try
        {
            return envelope.Message.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
                ? throw CreateNullException(type)
                : envelope.Message.Deserialize(type, SerializerOptions) ?? throw CreateNullException(type);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw CreateMalformedException(type.Name, exception);
        }
    }

    private static T? Parse<T>(Delivery delivery, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(delivery.Body, SerializerOptions);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw CreateMalformedException(what, exception);
        }
    }

    // The JSON reader throws InvalidOperationException for text that is not valid Unicode.
    private static bool IsMalformed(Exception exception) =>
        exception is JsonException or NotSupportedException or FormatException or ArgumentException
            or (InvalidOperationException and not ObjectDisposedException);

    // The JSON reader's message ends with a path, whose names the publisher chose. The path is removed.
    private static InvalidMessageException CreateMalformedException(string what, Exception cause) => new(
        cause is JsonException { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"{what} cannot be read: {cause.Message.Split(" Path: ")[0]} (Line {line + 1}, byte {position + 1}.)"
            : $"{what} cannot be read: {cause.Message}");

    private static InvalidMessageException CreateNullException(Type type) =>
        new($"The message is null; it has to be a JSON object, a {type.Name}.");
}
