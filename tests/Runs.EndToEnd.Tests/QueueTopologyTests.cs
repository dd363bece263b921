using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>The durable queues are what they are declared as for good: replicated, bounded where messages wait for an operator, and without silent loss.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class QueueTopologyTests(ContainerFixture containers, ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private const string Commands =
        """{"x-consumer-timeout":1800000,"x-dead-letter-exchange":"runs-dead-letters","x-dead-letter-strategy":"at-least-once","x-delivery-limit":100,"x-overflow":"reject-publish","x-queue-type":"quorum"}""";

    private const string Retained = """{"x-max-length":100000,"x-max-length-bytes":1073741824,"x-overflow":"drop-head","x-queue-type":"quorum"}""";

    [Fact]
    public async Task Durable_queues_have_the_expected_arguments()
    {
        await using (var connection = await new ConnectionFactory { Uri = application.RabbitMq }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.Publish("runs.create-run", "not JSON", new BasicProperties()); // makes the queue of errors
        }

        await Eventually.Succeeds(async () =>
        {
            var queues = await containers.GetQueues(application.RabbitMq.AbsolutePath[1..]);
            Assert.Equal(
                [
                    ("runs-commands", Commands),
                    ("runs-dead-letters", Retained),
                    ("runs-lifecycle", Commands),
                    ("runs-lifecycle_error", Retained),
                ],
                queues.EnumerateArray().Where(queue => queue.GetProperty("durable").GetBoolean() && !queue.GetProperty("exclusive").GetBoolean())
                    .Select(queue => (queue.GetProperty("name").GetString()!, Sorted(queue.GetProperty("arguments")))).Order());
        });
    }

    private static string Sorted(JsonElement arguments) => JsonSerializer.Serialize(
        arguments.EnumerateObject().OrderBy(argument => argument.Name, StringComparer.Ordinal).ToDictionary(argument => argument.Name, argument => argument.Value));
}
