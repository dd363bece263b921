using CsCheck;
using Runs.Lifecycle;
using Runs.Tests.Stores;

namespace Runs.Tests.Messaging;

/// <summary>Random deliveries are read, or rejected with a cause; no other exception is thrown.</summary>
public sealed class CommandReaderPropertyTests
{
    private static readonly string[] Exchanges =
        ["", "runs.create-run", "runs.cancel-run", "runs.run-due", "runs-lifecycle", "runs-commands", "elsewhere"];

    private static readonly DateTime Now = TestRuns.Noon.UtcDateTime;

    private static readonly CommandReader Reader = new(
        LifecycleMessages.All.ToDictionary(BusConfiguration.GetEntityName),
        new ReplyQueuePolicy([]),
        new PublisherPermissions(new Dictionary<string, Publisher>(), "", "runs-commands"));

    private static readonly Gen<Delivery> Deliveries = Gen.Select(
        DeliveryGenerators.OneOf(Exchanges),
        DeliveryGenerators.Properties,
        DeliveryGenerators.Body,
        (exchange, properties, body) => new Delivery(exchange, properties, body));

    [Fact]
    public void Random_deliveries_are_read_or_rejected_with_a_cause() => Deliveries.Sample(IsReadOrRejected, iter: 20_000);

    private static bool IsReadOrRejected(Delivery delivery)
    {
        try
        {
            var envelope = CommandReader.ReadEnvelope(delivery);
            var target = envelope is null ? Reader.GetReplyTarget(delivery) : Reader.GetReplyTarget(delivery, envelope);
            var command = Reader.ReadCommand(delivery, envelope);
            var endpoint = new Uri("queue:runs-lifecycle");
            var received = CommandReader.CreateReceivedCommand(delivery, envelope, command, target, endpoint, Now);
            return received.Message is not null && !received.Headers.GetAll().Any() && received.ExpirationTime is null
                && !(received.SentTime > Now || received.SentTime < Now - SentTime.MaxWait);
        }
        catch (InvalidMessageException rejected)
        {
            return rejected.Message.Length > 0;
        }
    }
}
