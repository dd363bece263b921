using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Runs.Tests.Stores;

namespace Runs.Tests.Messaging;

/// <summary>
/// Health reports separately whether reads and commands succeed. Commands that cannot be sent are rejected at once.
/// </summary>
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
        var run = await application.Client.CreateTask();
        application.Bus.IsBlocked = true;
        try
        {
            await AssertHealth("/health/ready", 200, "degraded", "degraded");
            await AssertHealth("/health/commands", 503, "unhealthy", "degraded");
            await AssertCommandsRejected("BROKER_BLOCKED", run);
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
        var run = await application.Client.CreateTask();
        await ((IReceiveEndpointObserver)application.Bus).Completed(new CompletedEvent());
        try
        {
            await AssertHealth("/health/ready", 200, "degraded", "unavailable");
            await AssertHealth("/health/commands", 503, "unhealthy", "unavailable");
            await AssertCommandsRejected("BROKER_UNAVAILABLE", run);
        }
        finally
        {
            await ((IReceiveEndpointObserver)application.Bus).Ready(new ReadyEvent());
        }

        await application.Client.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task A_server_that_stops_is_not_ready()
    {
        var server = new EmbeddedApplication();
        await server.InitializeAsync();
        try
        {
            server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

            Assert.Equal(503, (await server.Client.Get("/health/ready")).Status);
            Assert.Equal(503, (await server.Client.Get("/health/commands")).Status);
            Assert.Equal(200, (await server.Client.Get("/health/live")).Status);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Health_endpoints_share_one_ping()
    {
        var before = application.InterceptedStore.Pings;

        // The result of the last ping, of another test, is used for a second.
        await Eventually.Holds(async () =>
            (await application.Client.Get("/health/ready")).Status == 200 && application.InterceptedStore.Pings > before);
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => application.Client.Get(i % 2 == 0 ? "/health/ready" : "/health/commands")));

        Assert.All(responses, response => Assert.Equal(200, response.Status));
        Assert.InRange(application.InterceptedStore.Pings - before, 1, 20); // one each second, and those of the server itself
    }

    private async Task AssertHealth(string path, int status, string text, string commands)
    {
        var health = (await application.Client.Get(path)).Read<ApiHealth>(status);

        Assert.Equal((text, commands), (health.Status, health.Commands));
        Assert.Equal(["broker", "lifecycle", "store", "time_zones"], health.Checks.Keys.Order());
    }

    private async Task AssertCommandsRejected(string code, string existing)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var create = await application.Client.Post("/runs", TestRequests.TaskBody());
        var cancel = await application.Client.Post($"/runs/{existing}/cancel");
        Assert.All([create, cancel], response =>
        {
            response.AssertProblem(503, "Nothing was sent, and a retry is safe.");
            response.AssertProblemCode(503, code);
            Assert.Equal("1", response.Headers["Retry-After"]);
        });

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}"); // the reply timeout is 10 seconds
        Assert.Equal(200, (await application.Client.Get($"/runs/{existing}")).Status);
    }

    /// <summary>A server whose connection to the broker the test sets.</summary>
    public sealed class DisconnectableApplication : EmbeddedApplication
    {
        internal const string ReplyEndpoint = "replies";

        public new BusConnectivity Bus { get; } = new(ReplyEndpoint);

        public InterceptedStore InterceptedStore { get; private set; } = null!;

        protected override void ConfigureBuilder(WebApplicationBuilder builder)
        {
            _ = ((IReceiveEndpointObserver)Bus).Ready(new ReadyEvent());
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
