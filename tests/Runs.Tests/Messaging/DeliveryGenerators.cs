using System.Text;
using CsCheck;
using MassTransit;
using RabbitMQ.Client;

namespace Runs.Tests.Messaging;

/// <summary>Generates messages with unusual bytes, envelopes, headers and properties.</summary>
public static class DeliveryGenerators
{
    private static readonly string[] Texts =
    [
        "", " ", "null", "\0", "ä😀", "not a uri", "queue:runs-lifecycle", "exchange:runs.run-accepted?type=direct",
        "rabbitmq://localhost/x?bind=true&queue=y", "amq.gen-none", "amq.rabbitmq.reply-to", "exchange:amq.rabbitmq.reply-to",
        "urn:message:Runs.Contracts:CreateRun", "urn:message:Runs.Lifecycle:RunDue",
        "urn:message:MassTransit:Fault[[Runs.Contracts:CreateRun]]", "00000000-0000-0000-0000-000000000000",
        "9999-12-31T23:59:59Z", "-1", "1e400", new string('x', 300),
    ];

    private static readonly string[] HeaderNames =
    [
        "MT-MessageType", "MT-Response-Address", "MT-Fault-Address", "MT-Source-Address", "MT-Host-Info", "MT-Redelivery-Count",
        "MT-Request-Id", "MT-Activity-Id", "MT-Reason", "MT-OriginalMessageId", "MessageId", "RequestId", "CorrelationId",
        "ConversationId", "InitiatorId", "ResponseAddress", "FaultAddress", "Content-Type", "ContentType", "Content-Encoding",
        "traceparent", "CC", "x-death", "x-delay", "x-delivery-count", "anything",
    ];

    private static readonly Gen<object?> Value = Gen.Recursive<object?>((depth, inner) => depth > 2 ? Scalar! : Gen.Frequency(
        (6, Scalar!),
        (1, inner.List[0, 3].Select(list => (object?)list)),
        (1, Gen.Select(OneOf("a", ""), inner, (name, value) => (object?)new Dictionary<string, object?> { [name] = value }))));

    private static Gen<object?> Scalar => Gen.OneOf(
        OneOf(Texts).Select(text => (object?)text),
        Gen.Byte.Array[0, 40].Select(bytes => (object?)bytes),
        Gen.Int.Select(number => (object?)number),
        Gen.Long.Select(number => (object?)number),
        Gen.Double.Select(number => (object?)number),
        Gen.Bool.Select(flag => (object?)flag),
        Gen.Const((object?)null),
        Gen.Long.Select(time => (object?)new AmqpTimestamp(time)),
        Gen.Byte.Array[0, 8].Select(bytes => (object?)new BinaryTableValue(bytes)),
        Gen.Const((object?)new string('h', 20_000)));

    private static readonly Gen<Dictionary<string, object?>> AnyHeaders = Gen.Select(OneOf(HeaderNames), Value).Array[0, 4]
        .Select(pairs => pairs.GroupBy(pair => pair.Item1).ToDictionary(pair => pair.Key, pair => pair.First().Item2));

    private static readonly Gen<string?> ShortText = Gen.Frequency(
        (3, Gen.Const((string?)null)),
        (1, OneOf(Texts).Select(text => (string?)(text.Length > 60 ? text[..60] : text))));

    private static readonly Gen<string?> ContentType = OneOf<string?>(
        null,
        "application/json",
        "application/vnd.masstransit+json",
        "application/vnd.masstransit+xml",
        "text/plain; charset=nonsense",
        "ä/;;",
        "null");

    /// <summary>Properties that the broker takes from a publisher.</summary>
    public static readonly Gen<BasicProperties> Properties = Gen.Select(
        AnyHeaders,
        ContentType,
        Gen.Select(ShortText, ShortText, ShortText, ShortText),
        Gen.Select(OneOf<string?>(null, "gzip", "utf-8", "nonsense"), OneOf<string?>(null, "0", "60000"), Gen.Byte, Gen.Long),
        (headers, contentType, texts, others) =>
        {
            var (contentEncoding, expiration, priority, time) = others;
            return new BasicProperties
            {
                Headers = headers,
                Priority = priority,
                Timestamp = new AmqpTimestamp(time),
                Persistent = priority % 2 == 0,
                ContentType = contentType!,
                ContentEncoding = contentEncoding!,
                Expiration = expiration!,
                ReplyTo = texts.Item1!,
                CorrelationId = texts.Item2!,
                MessageId = texts.Item3!,
                Type = texts.Item4!,
            };
        });

    /// <summary>Bodies: random bytes, and raw commands and envelopes with unusual members.</summary>
    public static readonly Gen<byte[]> Body = Gen.OneOf(
        Gen.Byte.Array[0, 60],
        OneOf(Texts).Select(Encoding.UTF8.GetBytes),
        OneOf(
            "null",
            "[]",
            "{}",
            new string('[', 5000),
            """{"tenant":null,"run_id":null}""",
            """{"tenant":"dev","run_id":"run_x"}""",
            """{"tenant":"dev","run_id":"\ud800"}""").Select(Encoding.UTF8.GetBytes),
        Gen.Select(
            OneOf(Texts),
            OneOf(Texts),
            OneOf(Texts),
            OneOf("null", "1", "[]", """{"tenant":"dev","run_id":"run_x"}"""),
            (type, address, time, message) => Encoding.UTF8.GetBytes($$"""
                {"messageId":{{ToJsonString(address)}},"requestId":{{ToJsonString(time)}},
                 "messageType":[{{ToJsonString(type)}},"urn:message:Runs.Contracts:CancelRun"],
                 "responseAddress":{{ToJsonString(address)}},"faultAddress":{{ToJsonString(type)}},
                 "sentTime":{{ToJsonString(time)}},"expirationTime":{{ToJsonString(time)}},
                 "headers":{"a":[1]},"host":{"processId":"x"},"message":{{message}} }
                """)));

    /// <summary>Generates one of <paramref name="values"/>.</summary>
    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string ToJsonString(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
