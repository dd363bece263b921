using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A queue that is bound to the exchange of offers receives the runs that it asks for, and no others.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class OfferTests(ContainerFixture containers, ContainerApplication application)
    : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private const string Exchange = "runs.offers";

    private IConnection _connection = null!;
    private IChannel _channel = null!;

    // The user `publisher`, with the permissions of docs/publishers.md.
    public async Task InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = application.RabbitMq }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task A_queue_receives_the_runs_of_its_binding_key_only()
    {
        var (all, mine, dotted) = (await Subscribe("#"), await Subscribe("dev.task.mine"), await Subscribe("dev.task.v1%2E2"));
        var (first, second) = (await Create("task:mine"), await Create("task:v1.2"));
        var other = await Create("task:other");
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);
        var foreign = await otherTenant.CreateTask();

        string[] runs = [first, second, other, foreign];
        await Eventually.Holds(() => Task.FromResult(runs.All(run => all.Any(offer => offer.RunId == run))));
        await Eventually.Succeeds(() =>
        {
            Assert.Equal([(first, "dev.task.mine", nameof(RunAccepted))], mine);
            Assert.Equal([(second, "dev.task.v1%2E2", nameof(RunAccepted))], dotted);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_run_whose_attempt_was_released_is_offered_again()
    {
        var offers = await Subscribe("dev.task.again");
        var run = await Create("task:again");
        await Claim(run);

        await application.Bus.CreateRequestClient<ReleaseRun>().GetResponse<RunSnapshot>(
            new ReleaseRun { Tenant = "dev", RunId = run, Attempt = 1, Reason = ReleaseReasons.Shutdown });

        await Eventually.Succeeds(() =>
        {
            Assert.Equal(
                [(run, "dev.task.again", nameof(RunAccepted)), (run, "dev.task.again", nameof(RunReady))],
                offers.OrderBy(offer => offer.Event));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_delayed_run_is_offered_when_it_may_be_claimed()
    {
        var offers = await Subscribe("dev.task.later");
        var start = TimeProvider.System.GetUtcNow().AddSeconds(2);
        var run = await Create("task:later", new { target = "task:later", start_after = start });

        await Eventually.Holds(() => Task.FromResult(!offers.IsEmpty));

        Assert.True(TimeProvider.System.GetUtcNow() >= start);
        Assert.Equal([(run, "dev.task.later", nameof(RunAccepted))], offers);
        Assert.Equal(1, (await Claim(run)).Claim!.Attempt);
    }

    [Fact]
    public async Task A_run_that_its_creator_executes_is_not_offered()
    {
        var (all, tenant) = (await Subscribe("#"), await Subscribe("dev.#"));
        var input = new { messages = Array.Empty<object>() };
        var own = TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running", input });
        var running = (await application.Client.Create(own)).Run.RunId;
        var pending = (await application.Client.Create(TestRequests.AgentBody())).Run.RunId;

        await Eventually.Holds(() => Task.FromResult(
            tenant.Any(offer => offer.RunId == pending) && all.Any(offer => offer.RunId == running)));

        Assert.Equal("", all.Single(offer => offer.RunId == running).RoutingKey);
        Assert.DoesNotContain(tenant, offer => offer.RunId == running);
    }

    [Fact]
    public async Task A_run_of_an_implementation_is_offered_by_it()
    {
        var (any, ofWorker) = (await Subscribe("dev.implementation.python"), await Subscribe("dev.implementation.python.eu-1"));
        var shared = await CreateAgent(new { agent_id = "writer", implementation_kind = "python" });
        var own = await CreateAgent(new { agent_id = "writer", implementation_kind = "python", worker_key = "eu-1" });

        await Eventually.Succeeds(() =>
        {
            Assert.Equal([shared], any.Select(offer => offer.RunId));
            Assert.Equal([own], ofWorker.Select(offer => offer.RunId));
            return Task.CompletedTask;
        });

        async Task<string> CreateAgent(object request) =>
            (await application.Client.Create(TestRequests.AgentBody(request: request))).Run.RunId;
    }

    [Fact]
    public async Task A_topic_permission_restricts_a_user_to_the_offers_of_its_tenant()
    {
        await containers.RestrictTopic(application.RabbitMq.AbsolutePath[1..], BrokerUsers.Worker, Exchange, "^acme\\.");
        await using var connection = await new ConnectionFactory { Uri = application.WorkerRabbitMq }.CreateConnectionAsync();

        await Bind("acme.task.t");
        foreach (var key in new[] { "dev.task.t", "#", "*.task.t" })
        {
            var error = await Assert.ThrowsAsync<OperationInterruptedException>(() => Bind(key));
            Assert.Equal(403, error.ShutdownReason!.ReplyCode);
        }

        async Task Bind(string key)
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeclareAsync("masstransit-worker.offers", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync("masstransit-worker.offers", Exchange, key);
        }
    }

    private async Task<ConcurrentQueue<(string RunId, string RoutingKey, string Event)>> Subscribe(string key)
    {
        var offers = new ConcurrentQueue<(string, string, string)>();
        var queue = (await _channel.QueueDeclareAsync()).QueueName;
        await _channel.QueueBindAsync(queue, Exchange, key);
        await _channel.Consume(queue, delivery =>
        {
            var envelope = JsonElement.Parse(delivery.Body.Span);
            var type = envelope.GetProperty("messageType")[0].GetString()!.Split(':')[^1];
            offers.Enqueue((envelope.GetProperty("message").GetProperty("run_id").GetString()!, delivery.RoutingKey, type));
        });
        return offers;
    }

    private async Task<string> Create(string target, object? request = null) =>
        (await application.Client.Create(TestRequests.TaskBody(request: request ?? new { target }))).Run.RunId;

    private async Task<RunSnapshot> Claim(string run)
    {
        var claim = new ClaimRun { Tenant = "dev", RunId = run, ClaimId = TestRequests.NewUuid(), WorkerId = "worker" };
        return (await application.Bus.CreateRequestClient<ClaimRun>().GetResponse<RunSnapshot>(claim)).Message;
    }
}
