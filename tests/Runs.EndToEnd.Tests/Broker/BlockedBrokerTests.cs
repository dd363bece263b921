namespace Runs.EndToEnd.Tests;

/// <summary>
/// A broker with a memory alarm accepts no messages: commands are rejected at once, and reads succeed.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class BlockedBrokerTests(ContainerFixture containers, OutageApplication application) : IClassFixture<OutageApplication>
{
    [Fact]
    public async Task Commands_are_rejected_at_once_during_a_broker_alarm_and_accepted_after_it()
    {
        var existing = await application.Client.CreateTask();
        await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "absolute", "1MB");
        try
        {
            // The broker notifies a connection of the alarm when it publishes.
            await Eventually.Holds(async () => IsBlocked(await application.Client.Post("/runs", TestRequests.TaskBody())));

            // A command that was sent would be 504 after the reply timeout.
            (await application.Client.Post("/runs", TestRequests.TaskBody())).AssertProblem(503, "Nothing was sent");
            Assert.Equal(200, (await application.Client.Get($"/runs/{existing}")).Status);
            var ready = (await application.Client.Get("/health/ready")).Read<ApiHealth>();
            Assert.Equal(("degraded", "degraded"), (ready.Status, ready.Commands));
            Assert.Equal(503, (await application.Client.Get("/health/commands")).Status);
        }
        finally
        {
            await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "0.6");
        }

        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
        await Eventually.Holds(async () => (await application.Client.Get("/health/commands")).Status == 200);
    }

    private static bool IsBlocked(ApiResponse response) =>
        response.Status == 503 && response.Read<ApiProblem>(503).Code == "BROKER_BLOCKED";
}
