using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.EndToEnd.Tests;

/// <summary>What callers are told while the broker or the store is away, and what is true afterwards.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class OutageTests(ContainerFixture containers, OutageApplication application) : IClassFixture<OutageApplication>
{
    private static readonly TimeSpan MaxResponseTime = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task Creates_fail_in_time_while_broker_or_store_is_paused_and_a_retry_creates_one_run(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var named = Enumerable.Range(0, 10).Select(_ => TestRequests.TaskBody()).ToList();
        var anonymous = TestRequests.TaskBody().With("owner", new { kind = "project", id = TestRequests.NewUuid() }).Without("public_id");

        await container.Pause();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var answers = await Task.WhenAll(named.Append(anonymous).Select(body => application.Client.Post("/runs", body)));
        var waited = watch.Elapsed;
        await container.Unpause();

        Assert.All(answers, answer => Assert.True(answer.Status is 503 or 504, answer.ToString()));
        Assert.All(answers, answer => Assert.NotEmpty(answer["run_id"].GetString()!));
        Assert.True(waited < MaxResponseTime, $"{waited}");
        foreach (var body in named)
        {
            await Eventually.Succeeds(async () => await application.Client.Create(body));
            Assert.True((await application.Client.Create(body)).GetProperty("duplicate").GetBoolean());
        }

        // All that was published before has been handled by now: the queue is in order. What came late has expired; only a write that was under way could not.
        if (part == "RabbitMq")
        {
            (await application.Client.Get($"/runs/{answers[^1]["run_id"].GetString()}")).AssertProblem(404);
        }
    }

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task The_server_recovers_from_a_killed_broker_or_store_without_losing_acknowledged_runs(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var before = TestRequests.TaskBody();
        await application.Client.Create(before);

        await container.Kill();
        var during = await application.Client.Post("/runs", TestRequests.TaskBody());
        Assert.False((await application.Client.GetAsync("/health/ready")).IsSuccessStatusCode && part == "MongoDb");
        Assert.True((await application.Client.GetAsync("/health/live")).IsSuccessStatusCode);
        await container.Start();

        Assert.True(during.Status is 503 or 504, during.ToString());
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()), TimeSpan.FromMinutes(1));
        Assert.True((await application.Client.Create(before)).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task A_late_reply_is_dropped_and_the_next_reply_is_received()
    {
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()), TimeSpan.FromMinutes(1));
        await containers.MongoDb.Pause();
        (await application.Client.Post("/runs", TestRequests.TaskBody())).AssertProblem(504);
        await containers.MongoDb.Unpause();

        await Eventually.Holds(() => Task.FromResult(application.Deliveries.LateReplies > 0), TimeSpan.FromMinutes(1));
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()), TimeSpan.FromMinutes(1));
        Assert.Equal(0, application.Deliveries.FailedReplies);
    }

    [Fact]
    public async Task A_published_outcome_returns_to_the_queue_until_the_store_is_available()
    {
        var run = TestRequests.NewId();
        await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody(run)), TimeSpan.FromMinutes(1));

        await containers.MongoDb.Kill();
        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(application.Deliveries.ReturnedCommands >= 2), TimeSpan.FromMinutes(1));
        await containers.MongoDb.Start();

        await Eventually.Succeeds(
            async () => Assert.Equal("completed", (await application.Client.Get($"/runs/{run}"))["status"].GetString()), TimeSpan.FromMinutes(1));
    }
}

/// <summary>A server whose callers wait a shorter time.</summary>
public sealed class OutageApplication(ContainerFixture containers) : RunsApplication
{
    /// <summary>How deliveries ended.</summary>
    public DeliveryObserver Deliveries { get; } = new();

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IReceiveObserver>(Deliveries);
    }

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.CreateVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
        ["Api:ReplyTimeout"] = "00:00:02",
        ["Lifecycle:MaxHoldTime"] = "00:00:01",
    };
}

/// <summary>Counts how deliveries ended.</summary>
public sealed class DeliveryObserver : IReceiveObserver
{
    private int _returned;
    private int _lateReplies;
    private int _failedReplies;

    /// <summary>Commands that were given back to the broker.</summary>
    public int ReturnedCommands => Volatile.Read(ref _returned);

    /// <summary>Replies that nobody waited for any more.</summary>
    public int LateReplies => Volatile.Read(ref _lateReplies);

    /// <summary>Replies whose handling failed.</summary>
    public int FailedReplies => Volatile.Read(ref _failedReplies);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        if (IsReply(context) && !context.IsDelivered)
        {
            Interlocked.Increment(ref _lateReplies);
        }

        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (IsReply(context))
        {
            Interlocked.Increment(ref _failedReplies);
        }
        else if (exception is HoldTimeExceededException)
        {
            Interlocked.Increment(ref _returned);
        }

        return Task.CompletedTask;
    }

    private static bool IsReply(ReceiveContext context) => context.InputAddress.AbsolutePath.EndsWith(RabbitMqExchangeNames.ReplyTo, StringComparison.Ordinal);
}
