namespace Runs.EndToEnd.Tests;

/// <summary>A service in another language takes part in the life of a run, with an AMQP library and nothing of .NET.</summary>
[Collection(nameof(Containers))]
public sealed class OtherPublishersInNode(ContainerStack stack) : IClassFixture<ContainerStack>
{
    private static readonly NodeScript Service = new("Amqp", "service.mjs");

    [Fact]
    public async Task A_service_in_node_creates_a_run_executes_it_and_hears_of_it()
    {
        var output = await Service.Run(new()
        {
            ["RUNS_RABBITMQ"] = stack.RabbitMq.ToString(),
            ["RUNS_PROJECT_ID"] = Stack.Project,
        });

        Assert.Contains("all passed", output, StringComparison.Ordinal);
    }
}
