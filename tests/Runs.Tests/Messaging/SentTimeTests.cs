using System.Text;
using MassTransit;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Tests.Stores;

namespace Runs.Tests.Messaging;

/// <summary>When a message from RabbitMQ was sent, for each of its forms.</summary>
public sealed class SentTimeTests
{
    private static readonly DateTime Now = TestRuns.Noon.UtcDateTime;

    [Theory]
    [InlineData("\"2026-09-01T11:59:58.5Z\"", 1.5)]
    [InlineData("\"2026-09-01T13:59:58.5+02:00\"", 1.5)]
    [InlineData("\"2026-09-01T11:59:58\"", 2.0)] // MassTransit's times are UTC
    [InlineData("\"2026-09-01T12:00:07Z\"", 0.0)] // the clock of the sender is ahead
    [InlineData("\"0001-01-01T00:00:00Z\"", 3600.0)]
    [InlineData("\"9999-12-31T23:59:59Z\"", 0.0)]
    [InlineData("\"yesterday\"", null)]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("5", null)]
    [InlineData("null", null)]
    public void An_envelope_has_it_in_its_sentTime(string sentTime, double? wait)
    {
        var envelope = $$"""
            {"messageType":["urn:message:Runs.Contracts:CancelRun"],"sentTime":{{sentTime}},"message":{"tenant":"acme","run_id":"run_1"} }
            """;

        AssertWait(wait, "runs.cancel-run", envelope, new BasicProperties { ContentType = "application/vnd.masstransit+json" });
    }

    [Fact]
    public void An_envelope_without_it_has_none() => AssertWait(
        null,
        "runs.cancel-run",
        """{"messageType":["urn:message:Runs.Contracts:CancelRun"],"message":{"tenant":"acme","run_id":"run_1"}}""",
        new BasicProperties { ContentType = "application/vnd.masstransit+json", Timestamp = new AmqpTimestamp(UnixTime(-2)) });

    [Theory]
    [InlineData(-2, 2.0)]
    [InlineData(7, 0.0)]
    [InlineData(-1_000_000_000, 3600.0)]
    [InlineData(1_000_000_000_000, null)] // milliseconds
    [InlineData(long.MinValue / 2, null)]
    public void Raw_JSON_has_it_in_the_timestamp_of_AMQP(long seconds, double? wait) => AssertWait(
        wait,
        "runs.cancel-run",
        """{"tenant":"acme","run_id":"run_1"}""",
        new BasicProperties { Timestamp = new AmqpTimestamp(UnixTime(seconds)), MessageId = NewId.NextGuid().ToString() });

    [Fact]
    public void Raw_JSON_without_a_timestamp_has_none() =>
        AssertWait(null, "runs.cancel-run", """{"tenant":"acme","run_id":"run_1"}""", new BasicProperties());

    [Theory]
    [InlineData(-0.25, 0.25)]
    [InlineData(7.0, 0.0)]
    [InlineData(-1_000_000.0, 3600.0)]
    public void A_batch_has_it_in_its_message_id(double seconds, double wait)
    {
        // The time is in the first eight bytes of an id.
        var sent = Now.AddSeconds(seconds).Ticks;
        var id = new NewId((int)(sent >> 32), (int)sent, 0, 0).ToGuid();

        AssertWait(wait, "runs-commands", Batch(), BatchProperties(id.ToString()));
    }

    [Theory]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", 3600.0)]
    [InlineData("00000000-0000-0000-0000-ffffffffffff", 3600.0)]
    [InlineData("not an id", null)]
    [InlineData(null, null)]
    public void A_batch_with_an_id_of_another_kind_has_no_absurd_one(string? id, double? wait) =>
        AssertWait(wait, "runs-commands", Batch(), BatchProperties(id));

    private static string Batch() => Encoding.UTF8.GetString(new EncodedBatch(
        BatchFormat.Commands,
        [BatchFormat.Commands.WriteItem(Guid.Empty, new CancelRun { Tenant = "acme", RunId = "run_1" })]).ToJson());

    private static BasicProperties BatchProperties(string? id)
    {
        var properties = new BasicProperties { ContentType = BatchFormat.Commands.ContentType };
        if (id is not null)
        {
            properties.MessageId = id;
        }

        return properties;
    }

    private static long UnixTime(long seconds) => TestRuns.Noon.ToUnixTimeSeconds() + seconds;

    private static void AssertWait(double? seconds, string exchange, string body, BasicProperties properties)
    {
        var delivery = new Delivery(exchange, properties, Encoding.UTF8.GetBytes(body));
        var target = ReplyTarget.None;

        var received = CommandReader.CreateReceivedCommand(
            delivery, CommandReader.ReadEnvelope(delivery), new object(), target, new Uri("queue:runs-lifecycle"), Now);

        Assert.Equal(seconds, (Now - received.SentTime)?.TotalSeconds);
        Assert.Equal(DateTimeKind.Utc, received.SentTime?.Kind ?? DateTimeKind.Utc);
    }
}
