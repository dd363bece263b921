using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.EndToEnd.Tests;

/// <summary>What callers are told while the broker or the store is away, and what is true afterwards.</summary>
[Collection(nameof(Containers))]
public sealed class BrokerAndStoreTrouble(Containers containers, TroubledStack stack) : IClassFixture<TroubledStack>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task A_frozen_part_is_answered_in_time_and_a_retry_makes_one_run(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var named = Enumerable.Range(0, 10).Select(_ => Calls.Task()).ToList();
        var anonymous = Calls.Task().With("owner", new { kind = "project", id = Calls.NewUuid() }).Without("public_id");

        await container.Pause();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var answers = await Task.WhenAll(named.Append(anonymous).Select(body => stack.Client.Post("/runs", body)));
        var waited = watch.Elapsed;
        await container.Unpause();

        Assert.All(answers, answer => Assert.True(answer.Status is 503 or 504, answer.ToString()));
        Assert.All(answers, answer => Assert.NotEmpty(answer["run_id"].GetString()!));
        Assert.True(waited < Deadline, $"{waited}");
        foreach (var body in named)
        {
            await Eventually.Succeeds(async () => await stack.Client.Create(body));
            Assert.True((await stack.Client.Create(body)).GetProperty("duplicate").GetBoolean());
        }

        // All that was published before has been handled by now: the queue is in order. What came late has expired; only a write that was under way could not.
        if (part == "RabbitMq")
        {
            (await stack.Client.Read($"/runs/{answers[^1]["run_id"].GetString()}")).IsProblem(404);
        }
    }

    [Theory]
    [InlineData("RabbitMq")]
    [InlineData("MongoDb")]
    public async Task A_killed_part_comes_back_without_help_and_everything_answered_is_there(string part)
    {
        var container = part == "RabbitMq" ? containers.RabbitMq : containers.MongoDb;
        var before = Calls.Task();
        await stack.Client.Create(before);

        await container.Kill();
        var during = await stack.Client.Post("/runs", Calls.Task());
        Assert.False((await stack.Client.GetAsync("/health/ready")).IsSuccessStatusCode && part == "MongoDb");
        Assert.True((await stack.Client.GetAsync("/health/live")).IsSuccessStatusCode);
        await container.Start();

        Assert.True(during.Status is 503 or 504, during.ToString());
        await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()), TimeSpan.FromMinutes(1));
        Assert.True((await stack.Client.Create(before)).GetProperty("duplicate").GetBoolean());
    }

    [Fact]
    public async Task A_reply_that_comes_too_late_is_dropped_and_the_next_one_arrives()
    {
        await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()), TimeSpan.FromMinutes(1));
        await containers.MongoDb.Pause();
        (await stack.Client.Post("/runs", Calls.Task())).IsProblem(504);
        await containers.MongoDb.Unpause();

        await Eventually.Holds(() => Task.FromResult(stack.Deliveries.LateReplies > 0), TimeSpan.FromMinutes(1));
        await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()), TimeSpan.FromMinutes(1));
        Assert.Equal(0, stack.Deliveries.FailedReplies);
    }

    [Fact]
    public async Task An_outcome_that_nobody_waits_for_goes_back_to_the_broker_until_the_store_is_there_again()
    {
        var run = Calls.NewId();
        await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task(run)), TimeSpan.FromMinutes(1));

        await containers.MongoDb.Kill();
        await stack.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(stack.Deliveries.Returned >= 2), TimeSpan.FromMinutes(1));
        await containers.MongoDb.Start();

        await Eventually.Succeeds(
            async () => Assert.Equal("completed", (await stack.Client.Read($"/runs/{run}"))["status"].GetString()), TimeSpan.FromMinutes(1));
    }
}

/// <summary>A server whose callers wait a shorter time.</summary>
public sealed class TroubledStack(Containers containers) : Stack
{
    /// <summary>How deliveries ended.</summary>
    public DeliveryObserver Deliveries { get; } = new();

    protected override void Adjust(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IReceiveObserver>(Deliveries);
    }

    protected override async Task<Dictionary<string, string?>> Settings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.NewVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
        ["Api:ReplyTimeout"] = "00:00:02",
        ["Lifecycle:HoldTime"] = "00:00:01",
    };
}

/// <summary>Counts how deliveries ended.</summary>
public sealed class DeliveryObserver : IReceiveObserver
{
    private int _returned;
    private int _lateReplies;
    private int _failedReplies;

    /// <summary>Commands that were given back to the broker.</summary>
    public int Returned => Volatile.Read(ref _returned);

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
        else if (exception is HeldTooLongException)
        {
            Interlocked.Increment(ref _returned);
        }

        return Task.CompletedTask;
    }

    private static bool IsReply(ReceiveContext context) => context.InputAddress.AbsolutePath.EndsWith(RabbitMqExchangeNames.ReplyTo, StringComparison.Ordinal);
}
