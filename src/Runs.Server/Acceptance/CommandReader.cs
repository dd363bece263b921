using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// Reads what the broker delivers into commands, or rejects it before anything is done with it. The exchange decides the type: what was published to
/// <c>runs.create-run</c> is a create or nothing. Raw JSON and MassTransit envelopes are read alike.
/// </summary>
internal sealed class CommandReader(IReadOnlyDictionary<string, Type> typesByExchange, ReplyQueues replyQueues, PublisherRights rights)
{
    private static readonly Dictionary<string, Type> CommandsByUrn = MessageRules.Commands.ToDictionary(MessageUrn.ForTypeString, StringComparer.OrdinalIgnoreCase);

    // The settings of the bus, by which its own messages are written.
    private static JsonSerializerOptions Json => SystemTextJsonMessageSerializer.Options;

    /// <summary>Where answers to <paramref name="delivery"/> go, as far as its properties and headers say.</summary>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public ReplyTarget TargetOf(Delivery delivery)
    {
        var (properties, response, fault) = (delivery.Properties, delivery.Text(MessageHeaders.ResponseAddress), delivery.Text(MessageHeaders.FaultAddress));
        return string.IsNullOrWhiteSpace(response)
            ? new(replyQueues.QueueOf(properties.ReplyTo), replyQueues.QueueOf(fault, properties.ReplyTo), IsPlain: true, properties.CorrelationId, null)
            : new(replyQueues.QueueOf(response, properties.ReplyTo), replyQueues.QueueOf(fault, properties.ReplyTo), IsPlain: false, null, delivery.Id(MessageHeaders.RequestId));
    }

    /// <summary>Where answers to an envelope go.</summary>
    /// <exception cref="InvalidMessageException">Replies must not go there.</exception>
    public ReplyTarget TargetOf(Delivery delivery, Envelope envelope)
    {
        var replyTo = delivery.Properties.ReplyTo;
        return new(
            replyQueues.QueueOf(envelope.ResponseAddress, replyTo), replyQueues.QueueOf(envelope.FaultAddress, replyTo), IsPlain: false, null, IdIn(envelope.RequestId));
    }

    /// <summary>The type that the exchange stands for; null where it stands for none: then the message itself has to say.</summary>
    public Type? TypeOf(Delivery delivery) => typesByExchange.GetValueOrDefault(delivery.Exchange);

    /// <summary>The envelope around the command; null for raw JSON.</summary>
    /// <exception cref="InvalidMessageException">It is none.</exception>
    public static Envelope? EnvelopeOf(Delivery delivery)
    {
        if (!delivery.IsEnvelope)
        {
            return null;
        }

        return Parse<Envelope>(delivery, "The envelope") ?? throw new InvalidMessageException("The envelope is null.");
    }

    /// <summary>The command.</summary>
    /// <param name="delivery">The message.</param>
    /// <param name="envelope">The envelope in it, if it has one.</param>
    /// <exception cref="InvalidMessageException">It is none.</exception>
    public object CommandOf(Delivery delivery, Envelope? envelope)
    {
        var names = envelope is null
            ? delivery.Text(MessageHeaders.MessageType)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []
            : envelope.MessageType ?? [];
        var type = TypeOf(delivery) is { } expected ? Expected(expected, names, envelope is not null, delivery.Exchange) : Named(names);
        CheckEncoding(delivery);
        return envelope is null ? Parse(delivery, type) : FromEnvelope(envelope, type);
    }

    /// <summary>Checks that the publisher may send <paramref name="command"/>.</summary>
    /// <exception cref="InvalidMessageException">It must not.</exception>
    public void CheckRights(Delivery delivery, object command) => rights.Check(delivery.Properties.UserId, RunAddress.Of(command).Tenant ?? "");

    /// <summary>
    /// Whether the API sent <paramref name="delivery"/>, so that its actor is a credential that was checked. Nothing in the body decides it.
    /// </summary>
    public bool IsFromApi(Delivery delivery) => rights.IsOwn(delivery.Exchange, delivery.Properties.UserId);

    /// <summary>What MassTransit is given.</summary>
    public static ReceivedCommand Accept(Delivery delivery, Envelope? envelope, object command, ReplyTarget target, Uri destination) => new(command, destination)
    {
        MessageId = envelope is null ? delivery.Id(MessageHeaders.MessageId, delivery.Properties.MessageId) : IdIn(envelope.MessageId),
        RequestId = target.RequestId,
        CorrelationId = envelope is null ? null : IdIn(envelope.CorrelationId),
        ConversationId = envelope is null ? delivery.Id(MessageHeaders.ConversationId) : IdIn(envelope.ConversationId),
        ResponseAddress = target.ResponseAddress,
        FaultAddress = target.AddressOfFaults,
    };

    private static Type Expected(Type expected, string?[] names, bool isEnvelope, string exchange)
    {
        var urn = MessageUrn.ForTypeString(expected);
        return names.Contains(urn, StringComparer.OrdinalIgnoreCase) || (names.Length == 0 && !isEnvelope)
            ? expected
            : throw new InvalidMessageException($"The message type is not {urn}, which is all that the exchange {exchange} is for.");
    }

    // Straight to the queue: operators return messages there, and MassTransit clients may send to it. Only commands, never what the service says to itself.
    private static Type Named(string?[] names) =>
        names.Select(name => CommandsByUrn.GetValueOrDefault(name ?? "")).Where(type => type is not null).Distinct().ToList() is [{ } only]
            ? only
            : throw new InvalidMessageException($"The message type has to be one command, such as {CommandsByUrn.Keys.First()}.");

    private static void CheckEncoding(Delivery delivery)
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
            return JsonSerializer.Deserialize(delivery.Body, type, Json) ?? throw Null(type);
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            throw Malformed(type.Name, malformed);
        }
    }

    private static object FromEnvelope(Envelope envelope, Type type)
    {
        try
        {
            return envelope.Message.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? throw Null(type) : envelope.Message.Deserialize(type, Json)!;
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            throw Malformed(type.Name, malformed);
        }
    }

    private static T? Parse<T>(Delivery delivery, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(delivery.Body, Json);
        }
        catch (Exception malformed) when (IsMalformed(malformed))
        {
            throw Malformed(what, malformed);
        }
    }

    // Text that is no Unicode is an InvalidOperationException of the reader's.
    private static bool IsMalformed(Exception exception) =>
        exception is JsonException or NotSupportedException or FormatException or ArgumentException or (InvalidOperationException and not ObjectDisposedException);

    // The reader ends its text with a path, whose names the publisher chose.
    private static InvalidMessageException Malformed(string what, Exception cause) => new(
        cause is JsonException { LineNumber: { } line, BytePositionInLine: { } position }
            ? $"{what} cannot be read: {cause.Message.Split(" Path: ")[0]} (Line {line + 1}, byte {position + 1}.)"
            : $"{what} cannot be read: {cause.Message}");

    private static InvalidMessageException Null(Type type) => new($"The message is null; it has to be a JSON object, a {type.Name}.");

    private static Guid? IdIn(string? text) => Guid.TryParse(text, out var id) ? id : null;
}

/// <summary>The members of MassTransit's envelope that the service looks at.</summary>
internal sealed record Envelope(
    string? MessageId, string? RequestId, string? CorrelationId, string? ConversationId, string? ResponseAddress, string? FaultAddress,
    string?[]? MessageType, JsonElement Message);
