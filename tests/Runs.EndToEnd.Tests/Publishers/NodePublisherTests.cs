namespace Runs.EndToEnd.Tests;

/// <summary>A Node.js service that creates and executes runs with an AMQP library.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class NodePublisherTests(ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private static readonly NodeScript Service = new("Amqp", "service.mjs");

    [Fact]
    public async Task A_Node_service_creates_and_executes_a_run_and_receives_its_events()
    {
        var output = await Service.Run(new()
        {
            ["RUNS_RABBITMQ"] = application.RabbitMq.ToString(),
            ["RUNS_PROJECT_ID"] = RunsApplication.Project,
        });

        Assert.Contains("all passed", output, StringComparison.Ordinal);
    }
}
