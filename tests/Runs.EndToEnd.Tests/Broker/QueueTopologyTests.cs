using System.Text.Json;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The durable queues are replicated, lose no message silently, and are bounded where messages wait for an operator.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class QueueTopologyTests(ContainerFixture containers, ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private static readonly string[] Commands =
    [
        "x-consumer-timeout=1800000", "x-dead-letter-exchange=runs-dead-letters", "x-dead-letter-strategy=at-least-once",
        "x-delivery-limit=100", "x-overflow=reject-publish", "x-queue-type=quorum",
    ];

    private static readonly string[] Retained =
        ["x-max-length-bytes=1073741824", "x-max-length=100000", "x-overflow=drop-head", "x-queue-type=quorum"];

    [Fact]
    public async Task Durable_queues_have_the_expected_arguments()
    {
        await using (var connection = await new ConnectionFactory { Uri = application.RabbitMq }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.Publish("runs.create-run", "not JSON", new BasicProperties()); // creates the error queue
        }

        await Eventually.Succeeds(async () =>
        {
            var queues = (await containers.GetQueues(application.RabbitMq.AbsolutePath[1..])).EnumerateArray()
                .Where(queue => queue.GetProperty("durable").GetBoolean() && !queue.GetProperty("exclusive").GetBoolean())
                .ToDictionary(queue => queue.GetProperty("name").GetString()!, GetArguments);
            Assert.Equal(
                ["runs-commands", "runs-dead-letters", "runs-lifecycle", "runs-lifecycle_error", "runs-schedules"], queues.Keys.Order());
            Assert.Equal(Commands, queues["runs-commands"]);
            Assert.Equal(Commands, queues["runs-lifecycle"]);
            Assert.Equal(Retained, queues["runs-dead-letters"]);
            Assert.Equal(Retained, queues["runs-lifecycle_error"]);
            Assert.Equal(Retained, queues["runs-schedules"]);
        });
    }

    private static IEnumerable<string> GetArguments(JsonElement queue) => queue.GetProperty("arguments").EnumerateObject()
        .Select(argument => $"{argument.Name}={argument.Value}")
        .Order(StringComparer.Ordinal);
}
