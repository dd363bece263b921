using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Messages that nobody expects on the service's own temporary queues: that of its bus, that of its event notices, and that of its replies. They are dropped: the channel stays
/// open, and no queue is declared for them.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class ServiceQueueTests(ObservedApplication application) : IClassFixture<ObservedApplication>, IAsyncLifetime
{
    private const string Envelope = "application/vnd.masstransit+json";

    private RawAmqpClient _publisher = null!;
    private RawAmqpClient _operators = null!;

    public async Task InitializeAsync() =>
        (_publisher, _operators) = (await RawAmqpClient.Connect(application.RabbitMq), await RawAmqpClient.Connect(application.OperatorRabbitMq));

    public async Task DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replies_and_faults_sent_to_the_bus_queue_are_dropped(bool isEnvelope)
    {
        var queue = await FindBusQueue();
        var received = application.Observer.ReceivedOn(queue);

        foreach (var command in new[] { RawAmqpClient.CreateRun(TestRequests.NewId()), """{"tenant":"dev"}""" }) // a snapshot and a fault
        {
            await (isEnvelope
                ? _publisher.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(command, $"queue:{queue}"))
                : _publisher.Publish("runs.create-run", command, new BasicProperties { ReplyTo = queue }));
        }

        await Eventually.Holds(() => Task.FromResult(application.Observer.ReceivedOn(queue) >= received + 2));
        await AssertQueuesUnaffected();
    }

    [Theory]
    [MemberData(nameof(UnexpectedCases))]
    public async Task Unexpected_messages_on_a_temporary_queue_are_dropped(string what)
    {
        var notices = application.InitialEntities.Single(name => name.StartsWith(ChangeQueuePrefix, StringComparison.Ordinal))["queues ".Length..];
        foreach (var queue in new[] { await FindBusQueue(), notices, await FindReplyQueue() })
        {
            var endpoint = queue.StartsWith(RabbitMqReply, StringComparison.Ordinal) ? RabbitMqReply : queue;
            var received = application.Observer.ReceivedOn(endpoint);

            var (contentType, body, headers) = UnexpectedMessages[what];
            await _operators.Publish("", body, new BasicProperties { ContentType = contentType, Headers = headers }, routingKey: queue);

            await Eventually.Holds(() => Task.FromResult(application.Observer.ReceivedOn(endpoint) > received));
        }

        await AssertQueuesUnaffected();
    }

    private const string RabbitMqReply = "amq.rabbitmq.reply-to";
    private const string ChangeQueuePrefix = "queues runs-api-";

    private static readonly Dictionary<string, (string? ContentType, string Body, Dictionary<string, object?>? Headers)> UnexpectedMessages = new()
    {
        ["bytes"] = (null, "\0\u0001", null),
        ["bytes as an envelope"] = (Envelope, "\0\u0001", null),
        ["bytes with addresses"] = ("application/json", "{", new()
        {
            ["MT-Response-Address"] = "queue:runs-made-up",
            ["MT-Fault-Address"] = "queue:made-up",
            ["MT-MessageType"] = "urn:message:Runs.Contracts:RunStarted",
        }),
        ["an event without its members"] = (Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", "RunStarted"), null),
        ["an event that is text"] = (Envelope, RawAmqpClient.Envelope("\"text\"", "queue:runs-made-up", "RunStarted"), null),
        ["a notice of nothing"] = (Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", MessageUrn.ForTypeString<RunLogAppended>()), null),
        ["a reply to nobody"] = (Envelope, RawAmqpClient.Envelope("{}", "queue:made-up", "RunSnapshot"), null),
        ["a command"] = (Envelope, RawAmqpClient.Envelope(RawAmqpClient.CreateRun(TestRequests.NewId()), "queue:made-up"), null),
    };

    public static TheoryData<string> UnexpectedCases => [.. UnexpectedMessages.Keys];

    // The endpoints consume all the time, the replies to the API and to the bus come, and nothing was declared.
    private async Task AssertQueuesUnaffected()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        var reply = await application.Bus.CreateRequestClient<CancelRun>().GetResponse<RunSnapshot>(new CancelRun { Tenant = "dev", RunId = run });
        Assert.Equal("cancelled", reply.Message.Run.Status);
        Assert.True(application.Observer.Faults.Count == 0, string.Join("\n", application.Observer.Faults));
        Assert.DoesNotContain(
            (await application.ListEntities()).Except(application.InitialEntities), name => !name.EndsWith(" runs-lifecycle_error", StringComparison.Ordinal));
    }

    // As a publisher learns it.
    private async Task<string> FindBusQueue()
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _publisher.Connection.CreateChannelAsync();
        await channel.Subscribe(delivery => address.TrySetResult(new Uri(JsonElement.Parse(delivery.Body.Span).GetProperty("sourceAddress").GetString()!)), "runs.run-accepted");
        await application.Client.Create(TestRequests.TaskBody());
        return BusConnectivity.GetEndpointName(await address.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private async Task<string> FindReplyQueue()
    {
        var replyTo = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _operators.Connection.CreateChannelAsync();
        await channel.Subscribe(delivery => replyTo.TrySetResult(delivery.BasicProperties.ReplyTo!), "runs-commands");
        await application.Client.Create(TestRequests.TaskBody());
        return await replyTo.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}

/// <summary>The server on RabbitMQ and MongoDB, with an observer of its endpoints.</summary>
public sealed class ObservedApplication(ContainerFixture containers) : ContainerApplication(containers)
{
    internal EndpointObserver Observer { get; } = new();

    /// <summary>The exchanges and queues that there were after the first command.</summary>
    internal IReadOnlyList<string> InitialEntities { get; private set; } = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Client.Create(TestRequests.TaskBody());
        await Eventually.Holds(async () => (InitialEntities = await ListEntities()).Any(name => name == "exchanges runs.run-accepted"));
    }

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IReceiveObserver>(Observer);
        builder.Services.AddSingleton<IReceiveEndpointObserver>(Observer);
    }
}

/// <summary>Counts what each endpoint has received and is done with, and keeps why endpoints have lost their channel.</summary>
internal sealed class EndpointObserver : IReceiveObserver, IReceiveEndpointObserver
{
    private readonly ConcurrentDictionary<string, int> _received = new();
    private readonly ConcurrentQueue<string> _faults = new();

    public IReadOnlyCollection<string> Faults => _faults;

    public int ReceivedOn(string endpoint) => _received.GetValueOrDefault(endpoint);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        _received.AddOrUpdate(BusConnectivity.GetEndpointName(context.InputAddress), 1, (_, before) => before + 1);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        _faults.Enqueue($"{faulted.InputAddress}: {faulted.Exception}");
        return Task.CompletedTask;
    }
}
