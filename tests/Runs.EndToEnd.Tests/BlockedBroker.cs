using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

/// <summary>A broker with a memory alarm takes no messages: commands are refused at once, and reads go on.</summary>
[Collection(nameof(Containers))]
public sealed class BlockedBroker(Containers containers, TroubledStack stack) : IClassFixture<TroubledStack>
{
    [Fact]
    public async Task Commands_are_refused_at_once_during_an_alarm_and_taken_after_it()
    {
        var existing = (await stack.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();
        await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "absolute", "1MB");
        try
        {
            // The broker tells a connection of the alarm once something is published on it.
            await Eventually.Holds(async () => await IsBlocked(await stack.Client.Post("/runs", Calls.Task())));

            var watch = Stopwatch.StartNew();
            var refused = await stack.Client.Post("/runs", Calls.Task());
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed}");
            refused.IsProblem(503, "Nothing was sent");
            Assert.Equal(200, (await stack.Client.Read($"/runs/{existing}")).Status);
            var ready = await stack.Client.Read("/health/ready");
            Assert.Equal((200, "degraded", "degraded"), (ready.Status, ready["status"].GetString(), ready["commands"].GetString()));
            Assert.Equal(503, (await stack.Client.Read("/health/commands")).Status);
        }
        finally
        {
            await containers.RabbitMq.Execute("rabbitmqctl", "--quiet", "set_vm_memory_high_watermark", "0.6");
        }

        await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()));
        await Eventually.Holds(async () => (await stack.Client.Read("/health/commands")).Status == 200);
    }

    private static Task<bool> IsBlocked(Answer answer) =>
        Task.FromResult(answer.Status == 503 && answer["code"].GetString() == "BROKER_BLOCKED");
}
