using System.Text;
using System.Text.Json;
using CsCheck;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Tests.Messaging;

namespace Runs.EndToEnd.Tests;

/// <summary>What a publisher cannot do that may only publish commands, whatever it writes into them: stop the commands of others, and use the service's rights.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class HostilePublisherTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private static readonly TimeSpan MaxReplyTime = TimeSpan.FromSeconds(5);

    private RawAmqpClient _hostile = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _hostile = await RawAmqpClient.Connect(application.RabbitMq);
        _operators = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await _hostile.DisposeAsync();
        await _operators.DisposeAsync();
    }

    [Theory]
    [InlineData("queue:runs-lifecycle")]
    [InlineData("exchange:runs.run-accepted?type=direct")]
    [InlineData("exchange:amq.rabbitmq.reply-to")]
    [InlineData("loopback://localhost/queue")]
    [InlineData("not a uri")]
    public async Task A_hostile_response_address_is_rejected_without_effect_on_other_publishers(string address)
    {
        await using var watch = await QueueMonitor.Start(application);
        var id = TestRequests.NewId();
        var before = await CountErrors();

        await _hostile.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(RawAmqpClient.CreateRun(id), address));
        await _hostile.Publish("runs.create-run", RawAmqpClient.CreateRun(id), new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = address } });
        await _hostile.Publish("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""", new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Fault-Address"] = address } });
        await Eventually.Holds(async () => await CountErrors() >= before + 3, TimeSpan.FromMinutes(1));

        await watch.StopAndAssertUndisturbed(MaxReplyTime);
        Assert.Equal(404, (await application.Client.Get($"/runs/{id}")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_above_the_broker_limit_omits_large_members(bool isEnvelope)
    {
        await using var watch = await QueueMonitor.Start(application);
        var (id, before) = (TestRequests.NewId(), await CountErrors());
        await application.Client.Create(TestRequests.TaskBody(id));

        // JSON escapes each of these characters with six others: the answer shows the run with logs of 24 MB.
        var outcome = $$"""{"tenant":"dev","run_id":"{{id}}","status":"completed","output":1,"logs":"{{new string('\u007f', 4_000_000)}}"}""";
        var answer = isEnvelope
            ? (await _hostile.RequestWithReplyQueue(
                "runs.complete-run", queue => RawAmqpClient.Envelope(outcome, $"queue:{queue}", nameof(CompleteRun)),
                configure: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null))).Body.GetProperty("message")
            : (await _hostile.Request("runs.complete-run", outcome)).Body;

        await watch.StopAndAssertUndisturbed(MaxReplyTime);
        Assert.Equal(["output", "logs"], answer.GetProperty("omitted").EnumerateArray().Select(name => name.GetString()));
        Assert.True(answer.GetProperty("changed").GetBoolean());
        Assert.Equal("completed", answer.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("run").GetProperty("logs").ValueKind);
        Assert.Equal(before, await CountErrors());
        Assert.Equal(4_000_000, (await application.Client.Get($"/runs/{id}"))["logs"].GetString()!.Length);
    }

    [Fact]
    public async Task A_body_whose_message_exceeds_the_broker_limit_is_rejected()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));

        var answer = await application.Client.Post($"/runs/{id}/complete", $$"""{"status":"completed","logs":"{{new string('\u007f', 4_000_000)}}"}""");

        answer.AssertProblem(413);
        Assert.Equal("pending", (await application.Client.Get($"/runs/{id}"))["status"].GetString());
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_bind_a_queue()
    {
        await using var channel = await _operators.CreateChannelAsync();
        await channel.QueueDeclareAsync("pub-inbox", durable: true, exclusive: false, autoDelete: false);
        var before = await CountErrors();

        await _hostile.PublishEnvelope(
            "runs.create-run", RawAmqpClient.Envelope(RawAmqpClient.CreateRun(TestRequests.NewId()), "rabbitmq://localhost/runs.run-accepted?bind=true&queue=pub-inbox"));
        await Eventually.Holds(async () => await CountErrors() > before);
        await application.Client.Create(TestRequests.TaskBody());
        await Eventually.Holds(async () => (await _hostile.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()))).Properties.Type == "RunSnapshot");

        Assert.Equal(0u, await channel.MessageCountAsync("pub-inbox"));
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_write_to_other_queues()
    {
        await using var channel = await _operators.CreateChannelAsync();
        await channel.QueueDeclareAsync("other-app-orders", durable: true, exclusive: false, autoDelete: false);
        var (before, id) = (await CountErrors(), TestRequests.NewId());

        await _hostile.Publish("runs.create-run", RawAmqpClient.CreateRun(id), new BasicProperties { ReplyTo = "other-app-orders" });
        await _hostile.Publish("runs.create-run", RawAmqpClient.CreateRun(id), new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = "exchange:other-app-orders?bind=true&queue=other-app-orders" },
        });
        await Eventually.Holds(async () => await CountErrors() >= before + 2);

        // A further routing key of the broker's own, which a copied header would hand on.
        var answer = await _hostile.Request(
            "runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()),
            configure: properties => properties.Headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "other-app-orders" }, ["X-Mine"] = "1" });

        Assert.DoesNotContain("CC", answer.Properties.Headers?.Keys ?? []);
        Assert.DoesNotContain("X-Mine", answer.Properties.Headers?.Keys ?? []);
        Assert.Equal(0u, await channel.MessageCountAsync("other-app-orders"));
        Assert.Equal(404, (await application.Client.Get($"/runs/{id}")).Status);
    }

    [Fact]
    public async Task A_publisher_cannot_make_the_service_declare_queues_or_exchanges()
    {
        var (entities, errors) = (await application.ListEntities(), await CountErrors());

        for (var i = 0; i < 20; i++)
        {
            await _hostile.Publish("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{TestRequests.NewId()}}"}""", new BasicProperties
            {
                Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = i % 2 == 0 ? $"queue:made-for-{i}" : $"rabbitmq://localhost/host_process_bus_{i:D26}?temporary=true" },
            });
        }

        await Eventually.Holds(async () => await CountErrors() >= errors + 10);
        Assert.Equal("RunSnapshot", (await _hostile.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()))).Properties.Type);
        Assert.Equal(entities, await application.ListEntities());
    }

    [Theory]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""", "/run_id")]
    [InlineData("""{"tenant":"dev"}""", "run_id")]
    [InlineData("null", "JSON object")]
    public async Task A_fault_contains_the_cause_and_no_host_information(string command, string cause)
    {
        var fault = await _hostile.RequestWithReplyQueue(
            "runs.create-run", queue => RawAmqpClient.Envelope(command, $"rabbitmq://localhost/{queue}?temporary=true"),
            configure: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null));

        var text = fault.Body.GetRawText();
        Assert.Contains("urn:message:MassTransit:Fault[[Runs.Contracts:CreateRun]]", text, StringComparison.Ordinal);
        Assert.Contains(cause, text, StringComparison.Ordinal);
        foreach (var secret in new[] { Environment.MachineName, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), "machineName", "processName", "operatingSystem", "stackTrace", "   at " })
        {
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Events_contain_no_host_information()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _hostile.Connection.CreateChannelAsync();
        await channel.Subscribe(delivery => heard.TrySetResult(Encoding.UTF8.GetString(delivery.Body.Span)), "runs.run-accepted");

        await application.Client.Create(TestRequests.TaskBody());

        var text = await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("processName", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_exchange_determines_the_message_type()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));
        var (before, failed) = (await CountErrors(), $$"""{"tenant":"dev","run_id":"{{id}}","status":"failed"}""");

        await _hostile.Publish("runs.create-run", failed, new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Runs.Contracts:CompleteRun" } });
        await _hostile.Publish("runs.create-run", failed);
        await _hostile.PublishEnvelope("runs.create-run", RawAmqpClient.Envelope(failed, type: nameof(CompleteRun)));
        await Eventually.Holds(async () => await CountErrors() >= before + 3);

        Assert.Equal("pending", (await application.Client.Get($"/runs/{id}"))["status"].GetString());
    }

    [Theory]
    [MemberData(nameof(UnforwardableCases))]
    public async Task A_message_whose_properties_cannot_be_republished_is_moved_to_the_error_queue(string what)
    {
        var before = await CountErrors();
        await using var watch = await QueueMonitor.Start(application);

        await _hostile.Publish("runs.create-run", "not json", UnforwardableProperties[what]);
        await Eventually.Holds(async () => await CountErrors() > before, TimeSpan.FromMinutes(1));

        await watch.StopAndAssertUndisturbed(MaxReplyTime);
    }

    private static readonly Dictionary<string, BasicProperties> UnforwardableProperties = new()
    {
        ["a user id"] = new() { UserId = BrokerUsers.Publisher },
        ["a long header"] = new() { Headers = new Dictionary<string, object?> { ["long"] = new byte[120_000] } },
        ["many headers"] = new() { Headers = Enumerable.Range(0, 2000).ToDictionary(i => $"header {i}", object? (i) => $"{i:D40}") },
        ["further routing keys"] = new() { Headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "a" }, ["BCC"] = new List<object> { "b" } } },
    };

    public static TheoryData<string> UnforwardableCases => [.. UnforwardableProperties.Keys];

    [Fact]
    public async Task A_reply_to_a_command_with_the_maximum_expiration_time_is_sent()
    {
        await using var watch = await QueueMonitor.Start(application);

        var answer = await _hostile.RequestWithReplyQueue(
            "runs.create-run",
            queue => RawAmqpClient.Envelope(RawAmqpClient.CreateRun(TestRequests.NewId()), $"queue:{queue}", more: "\"expirationTime\":\"9999-12-31T23:59:59Z\","),
            configure: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null));

        Assert.Contains("RunSnapshot", answer.Body.GetRawText(), StringComparison.Ordinal);
        await watch.StopAndAssertUndisturbed(MaxReplyTime);
    }

    /// <summary>Whatever is published, the queue keeps its consumer, and every other command is answered.</summary>
    [Fact]
    public async Task Random_deliveries_do_not_stop_the_commands_of_other_publishers()
    {
        await using var watch = await QueueMonitor.Start(application);

        await Gen.Select(DeliveryGenerators.OneOf(CommandExchanges), DeliveryGenerators.Properties, DeliveryGenerators.Body).SampleAsync(
            async (exchange, properties, body) =>
            {
                await TryPublish(exchange, properties, body);
                var answer = await _hostile.Request("runs.create-run", RawAmqpClient.CreateRun(TestRequests.NewId()), MaxReplyTime);
                return answer.Properties.Type == "RunSnapshot";
            },
            iter: 300, threads: 1);

        await watch.StopAndAssertUndisturbed(MaxReplyTime);
    }

    private static readonly string[] CommandExchanges =
        ["runs.create-run", "runs.start-run", "runs.wait-run", "runs.resume-run", "runs.complete-run", "runs.cancel-run"];

    // The broker closes the publisher's own channel for some of what it writes.
    private async Task TryPublish(string exchange, BasicProperties properties, byte[] body)
    {
        try
        {
            await using var channel = await _hostile.Connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, body);
        }
        catch (Exception refused) when (refused is RabbitMQ.Client.Exceptions.RabbitMQClientException or ObjectDisposedException)
        {
        }
    }

    private async Task<uint> CountErrors()
    {
        await using var channel = await _operators.CreateChannelAsync(); // asking for a queue that is not there yet closes the channel
        try
        {
            return await channel.MessageCountAsync("runs-lifecycle_error");
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }
}
