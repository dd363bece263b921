using System.Globalization;
using System.Text.Json;
using MassTransit;

namespace Runs.Server.Inbound;

/// <summary>
/// When a message was sent, by the clock of its sender. That clock is not trusted: the time is never later than now and
/// never earlier than <see cref="MaxWait"/> ago.
/// </summary>
internal static class SentTime
{
    /// <summary>The longest wait of a message that is believed. A longer one counts as this.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromHours(1);

    /// <summary>
    /// Reads <c>sentTime</c> of an envelope, the <c>message_id</c> of a batch, or else the AMQP property
    /// <c>timestamp</c>, which has whole seconds.
    /// </summary>
    /// <returns>The time in UTC; null if the sender did not send it or it cannot be parsed.</returns>
    public static DateTime? Read(Delivery delivery, Envelope? envelope, DateTime now)
    {
        var sent = envelope is not null ? Parse(envelope.SentTime)
            : delivery.IsBatch ? FromMessageId(delivery)
            : FromTimestamp(delivery);
        return sent is { } time ? Clamp(time, now) : null;
    }

    private static DateTime Clamp(DateTime sent, DateTime now) => sent > now ? now : sent < now - MaxWait ? now - MaxWait : sent;

    // The raw text, because GetString throws for text that is not valid Unicode.
    private static DateTime? Parse(JsonElement time) =>
        time.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(
            time.GetRawText().AsSpan().Trim('"'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sent)
            ? sent.UtcDateTime
            : null;

    // The API's bus creates the id, which contains the time, when it sends the batch.
    private static DateTime? FromMessageId(Delivery delivery) =>
        delivery.GetId(MessageHeaders.MessageId, delivery.Properties.MessageId)?.ToNewId().Timestamp;

    private static DateTime? FromTimestamp(Delivery delivery)
    {
        try
        {
            return delivery.Properties.IsTimestampPresent()
                ? DateTimeOffset.FromUnixTimeSeconds(delivery.Properties.Timestamp.UnixTime).UtcDateTime
                : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null; // for example milliseconds
        }
    }
}
