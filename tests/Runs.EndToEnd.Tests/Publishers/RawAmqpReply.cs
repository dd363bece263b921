using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Runs.EndToEnd.Tests;

/// <summary>A message that a publisher received on its reply queue.</summary>
internal sealed record RawAmqpReply(string Exchange, IReadOnlyBasicProperties Properties, JsonElement Body)
{
    public static RawAmqpReply From(BasicDeliverEventArgs delivery) =>
        new(delivery.Exchange, new BasicProperties(delivery.BasicProperties), JsonElement.Parse(delivery.Body.Span));
}
