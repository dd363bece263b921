using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Api;
using Runs.Tests.Stores;

namespace Runs.Tests.Messaging;

/// <summary>A server says separately whether it can read and whether it can take commands, and what cannot be sent is refused at once.</summary>
public sealed class HealthTests(HealthTests.DisconnectableStack stack) : IClassFixture<HealthTests.DisconnectableStack>
{
    [Fact]
    public async Task A_well_server_reads_and_takes_commands()
    {
        await Is("/health/ready", 200, "healthy", "available");
        await Is("/health/commands", 200, "healthy", "available");
    }

    [Fact]
    public async Task A_blocked_broker_refuses_commands_at_once_while_reads_go_on()
    {
        var run = await stack.Client.Create(Calls.Task());
        stack.Bus.IsBlocked = true;
        try
        {
            await Is("/health/ready", 200, "degraded", "degraded");
            await Is("/health/commands", 503, "unhealthy", "degraded");
            await IsRefused("BROKER_BLOCKED", run.GetProperty("run").GetProperty("run_id").GetString()!);
        }
        finally
        {
            stack.Bus.IsBlocked = false;
        }

        await stack.Client.Create(Calls.Task());
    }

    [Fact]
    public async Task A_bus_without_a_reply_consumer_refuses_commands_at_once_while_reads_go_on()
    {
        var run = await stack.Client.Create(Calls.Task());
        await ((IReceiveEndpointObserver)stack.Bus).Completed(new Ended());
        try
        {
            await Is("/health/ready", 200, "degraded", "unavailable");
            await Is("/health/commands", 503, "unhealthy", "unavailable");
            await IsRefused("BROKER_UNAVAILABLE", run.GetProperty("run").GetProperty("run_id").GetString()!);
        }
        finally
        {
            await ((IReceiveEndpointObserver)stack.Bus).Ready(new Begun());
        }

        await stack.Client.Create(Calls.Task());
    }

    [Fact]
    public async Task Health_endpoints_share_one_ping()
    {
        var before = stack.Intercepted.Pings;

        // The last ping, of another test, may be younger than a second.
        await Eventually.Holds(async () => (await stack.Client.Read("/health/ready")).Status == 200 && stack.Intercepted.Pings > before);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => stack.Client.Read(i % 2 == 0 ? "/health/ready" : "/health/commands")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.InRange(stack.Intercepted.Pings - before, 1, 20); // one a second, and those of the server itself
    }

    private async Task Is(string path, int status, string text, string commands)
    {
        var answer = await stack.Client.Read(path);

        Assert.Equal((status, text, commands), (answer.Status, answer["status"].GetString(), answer["commands"].GetString()));
        Assert.Equal(["broker", "lifecycle", "store"], answer["checks"].EnumerateObject().Select(check => check.Name).Order());
    }

    private async Task IsRefused(string code, string existing)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var answer in (Answer[])[await stack.Client.Post("/runs", Calls.Task()), await stack.Client.Post($"/runs/{existing}/cancel")])
        {
            answer.IsProblem(503, "Nothing was sent, and a retry is safe.");
            Assert.Equal(code, answer["code"].GetString());
            Assert.Equal("1", answer.Headers["Retry-After"]);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}"); // and not the 10 of the reply timeout
        Assert.Equal(200, (await stack.Client.Read($"/runs/{existing}")).Status);
    }

    /// <summary>A server that takes one of its endpoints for that of the replies.</summary>
    public sealed class DisconnectableStack : EmbeddedStack
    {
        internal const string ReplyEndpoint = "replies";

        public new BusConnectivity Bus { get; } = new(ReplyEndpoint);

        public InterceptedStore Intercepted { get; private set; } = null!;

        protected override void Adjust(WebApplicationBuilder builder)
        {
            ((IReceiveEndpointObserver)Bus).Ready(new Begun());
            builder.InterceptStore(store => Intercepted = store);
            builder.Services.AddSingleton(Bus);
        }
    }

    private sealed record Begun : ReceiveEndpointReady
    {
        public Uri InputAddress => new($"loopback://localhost/{DisconnectableStack.ReplyEndpoint}");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public bool IsStarted => true;
    }

    private sealed record Ended : ReceiveEndpointCompleted
    {
        public Uri InputAddress => new($"loopback://localhost/{DisconnectableStack.ReplyEndpoint}");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public long DeliveryCount => 0;

        public long ConcurrentDeliveryCount => 0;
    }
}
