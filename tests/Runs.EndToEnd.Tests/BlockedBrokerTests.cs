using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

/// <summary>A broker with a memory alarm takes no messages: commands are refused at once, and reads go on.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class BlockedBrokerTests(ContainerFixture containers, OutageApplication application) : IClassFixture<OutageApplication>
{
    [Fact]
    public async Task Commands_are_rejected_at_once_during_a_broker_alarm_and_accepted_after_it()
    {
        var existing = (await application.Client.Create(TestRequests.TaskBody())).GetProperty("run").GetProperty("run_id").GetString();
        await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "absolute", "1MB");
        try
        {
            // The broker tells a connection of the alarm once something is published on it.
            await Eventually.Holds(async () => await IsBlocked(await application.Client.Post("/runs", TestRequests.TaskBody())));

            var watch = Stopwatch.StartNew();
            var refused = await application.Client.Post("/runs", TestRequests.TaskBody());
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");
            refused.AssertProblem(503, "Nothing was sent");
            Assert.Equal(200, (await application.Client.Get($"/runs/{existing}")).Status);
            var ready = await application.Client.Get("/health/ready");
            Assert.Equal((200, "degraded", "degraded"), (ready.Status, ready["status"].GetString(), ready["commands"].GetString()));
            Assert.Equal(503, (await application.Client.Get("/health/commands")).Status);
        }
        finally
        {
            await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "0.6");
        }

        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()));
        await Eventually.Holds(async () => (await application.Client.Get("/health/commands")).Status == 200);
    }

    private static Task<bool> IsBlocked(ApiResponse answer) =>
        Task.FromResult(answer.Status == 503 && answer["code"].GetString() == "BROKER_BLOCKED");
}
