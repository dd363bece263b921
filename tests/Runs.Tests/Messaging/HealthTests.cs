using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Tests.Stores;

namespace Runs.Tests.Messaging;

/// <summary>A server says separately whether it can read and whether it can take commands, and what cannot be sent is refused at once.</summary>
public sealed class HealthTests(HealthTests.DisconnectableApplication application) : IClassFixture<HealthTests.DisconnectableApplication>
{
    [Fact]
    public async Task A_healthy_server_serves_reads_and_commands()
    {
        await AssertHealth("/health/ready", 200, "healthy", "available");
        await AssertHealth("/health/commands", 200, "healthy", "available");
    }

    [Fact]
    public async Task With_a_blocked_broker_commands_are_rejected_at_once_and_reads_succeed()
    {
        var run = await application.Client.Create(TestRequests.TaskBody());
        application.Bus.IsBlocked = true;
        try
        {
            await AssertHealth("/health/ready", 200, "degraded", "degraded");
            await AssertHealth("/health/commands", 503, "unhealthy", "degraded");
            await AssertCommandsRejected("BROKER_BLOCKED", run.GetProperty("run").GetProperty("run_id").GetString()!);
        }
        finally
        {
            application.Bus.IsBlocked = false;
        }

        await application.Client.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task Without_a_reply_consumer_commands_are_rejected_at_once_and_reads_succeed()
    {
        var run = await application.Client.Create(TestRequests.TaskBody());
        await ((IReceiveEndpointObserver)application.Bus).Completed(new CompletedEvent());
        try
        {
            await AssertHealth("/health/ready", 200, "degraded", "unavailable");
            await AssertHealth("/health/commands", 503, "unhealthy", "unavailable");
            await AssertCommandsRejected("BROKER_UNAVAILABLE", run.GetProperty("run").GetProperty("run_id").GetString()!);
        }
        finally
        {
            await ((IReceiveEndpointObserver)application.Bus).Ready(new ReadyEvent());
        }

        await application.Client.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task Health_endpoints_share_one_ping()
    {
        var before = application.InterceptedStore.Pings;

        // The last ping, of another test, may be younger than a second.
        await Eventually.Holds(async () => (await application.Client.Get("/health/ready")).Status == 200 && application.InterceptedStore.Pings > before);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => application.Client.Get(i % 2 == 0 ? "/health/ready" : "/health/commands")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.InRange(application.InterceptedStore.Pings - before, 1, 20); // one a second, and those of the server itself
    }

    private async Task AssertHealth(string path, int status, string text, string commands)
    {
        var answer = await application.Client.Get(path);

        Assert.Equal((status, text, commands), (answer.Status, answer["status"].GetString(), answer["commands"].GetString()));
        Assert.Equal(["broker", "lifecycle", "store"], answer["checks"].EnumerateObject().Select(check => check.Name).Order());
    }

    private async Task AssertCommandsRejected(string code, string existing)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var answer in (ApiResponse[])[await application.Client.Post("/runs", TestRequests.TaskBody()), await application.Client.Post($"/runs/{existing}/cancel")])
        {
            answer.AssertProblem(503, "Nothing was sent, and a retry is safe.");
            Assert.Equal(code, answer["code"].GetString());
            Assert.Equal("1", answer.Headers["Retry-After"]);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}"); // and not the 10 of the reply timeout
        Assert.Equal(200, (await application.Client.Get($"/runs/{existing}")).Status);
    }

    /// <summary>A server that takes one of its endpoints for that of the replies.</summary>
    public sealed class DisconnectableApplication : EmbeddedApplication
    {
        internal const string ReplyEndpoint = "replies";

        public new BusConnectivity Bus { get; } = new(ReplyEndpoint);

        public InterceptedStore InterceptedStore { get; private set; } = null!;

        protected override void ConfigureBuilder(WebApplicationBuilder builder)
        {
            ((IReceiveEndpointObserver)Bus).Ready(new ReadyEvent());
            builder.InterceptStore(store => InterceptedStore = store);
            builder.Services.AddSingleton(Bus);
        }
    }

    private sealed record ReadyEvent : ReceiveEndpointReady
    {
        public Uri InputAddress => new($"loopback://localhost/{DisconnectableApplication.ReplyEndpoint}");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public bool IsStarted => true;
    }

    private sealed record CompletedEvent : ReceiveEndpointCompleted
    {
        public Uri InputAddress => new($"loopback://localhost/{DisconnectableApplication.ReplyEndpoint}");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public long DeliveryCount => 0;

        public long ConcurrentDeliveryCount => 0;
    }
}
