using System.Text;
using System.Text.Json;
using CsCheck;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Tests.Messaging;

namespace Runs.EndToEnd.Tests;

/// <summary>What a publisher cannot do that may only publish commands, whatever it writes into them: stop the commands of others, and use the service's rights.</summary>
[Collection(nameof(Containers))]
public sealed class HostilePublishers(ContainerStack stack) : IClassFixture<ContainerStack>, IAsyncLifetime
{
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(5);

    private PlainCaller _hostile = null!;
    private IConnection _operators = null!;

    public async Task InitializeAsync()
    {
        _hostile = await PlainCaller.Connect(stack.RabbitMq);
        _operators = await new ConnectionFactory { Uri = stack.ForOperators }.CreateConnectionAsync();
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
    public async Task A_response_address_does_not_stop_the_commands_of_others_and_nothing_is_done(string address)
    {
        await using var watch = await QueueWatch.Start(stack);
        var id = Calls.NewId();
        var before = await Errors();

        await _hostile.TellEnvelope("runs.create-run", PlainCaller.Envelope(PlainCaller.CreateRun(id), address));
        await _hostile.Tell("runs.create-run", PlainCaller.CreateRun(id), new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = address } });
        await _hostile.Tell("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{id}}"}""", new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Fault-Address"] = address } });
        await Eventually.Holds(async () => await Errors() >= before + 3, TimeSpan.FromMinutes(1));

        await watch.EndsUndisturbed(Slowest);
        Assert.Equal(404, (await stack.Client.Read($"/runs/{id}")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_larger_than_the_broker_takes_leaves_out_the_large_members(bool isEnvelope)
    {
        await using var watch = await QueueWatch.Start(stack);
        var (id, before) = (Calls.NewId(), await Errors());
        await stack.Client.Create(Calls.Task(id));

        // JSON escapes each of these characters with six others: the answer shows the run with logs of 24 MB.
        var outcome = $$"""{"tenant":"dev","run_id":"{{id}}","status":"completed","output":1,"logs":"{{new string('\u007f', 4_000_000)}}"}""";
        var answer = isEnvelope
            ? (await _hostile.AskWith(
                "runs.complete-run", queue => PlainCaller.Envelope(outcome, $"queue:{queue}", nameof(CompleteRun)),
                adjust: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null))).Body.GetProperty("message")
            : (await _hostile.Ask("runs.complete-run", outcome)).Body;

        await watch.EndsUndisturbed(Slowest);
        Assert.Equal(["output", "logs"], answer.GetProperty("omitted").EnumerateArray().Select(name => name.GetString()));
        Assert.True(answer.GetProperty("changed").GetBoolean());
        Assert.Equal("completed", answer.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("run").GetProperty("logs").ValueKind);
        Assert.Equal(before, await Errors());
        Assert.Equal(4_000_000, (await stack.Client.Read($"/runs/{id}"))["logs"].GetString()!.Length);
    }

    [Fact]
    public async Task A_body_that_makes_a_message_larger_than_the_broker_takes_is_refused()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id));

        var answer = await stack.Client.Post($"/runs/{id}/complete", $$"""{"status":"completed","logs":"{{new string('\u007f', 4_000_000)}}"}""");

        answer.IsProblem(413);
        Assert.Equal("pending", (await stack.Client.Read($"/runs/{id}"))["status"].GetString());
    }

    [Fact]
    public async Task The_service_binds_no_queue_for_a_publisher()
    {
        await using var channel = await _operators.CreateChannelAsync();
        await channel.QueueDeclareAsync("pub-inbox", durable: true, exclusive: false, autoDelete: false);
        var before = await Errors();

        await _hostile.TellEnvelope(
            "runs.create-run", PlainCaller.Envelope(PlainCaller.CreateRun(Calls.NewId()), "rabbitmq://localhost/runs.run-accepted?bind=true&queue=pub-inbox"));
        await Eventually.Holds(async () => await Errors() > before);
        await stack.Client.Create(Calls.Task());
        await Eventually.Holds(async () => (await _hostile.Ask("runs.create-run", PlainCaller.CreateRun(Calls.NewId()))).Properties.Type == "RunSnapshot");

        Assert.Equal(0u, await channel.MessageCountAsync("pub-inbox"));
    }

    [Fact]
    public async Task The_service_writes_to_no_queue_that_the_publisher_must_not_write_to()
    {
        await using var channel = await _operators.CreateChannelAsync();
        await channel.QueueDeclareAsync("other-app-orders", durable: true, exclusive: false, autoDelete: false);
        var (before, id) = (await Errors(), Calls.NewId());

        await _hostile.Tell("runs.create-run", PlainCaller.CreateRun(id), new BasicProperties { ReplyTo = "other-app-orders" });
        await _hostile.Tell("runs.create-run", PlainCaller.CreateRun(id), new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = "exchange:other-app-orders?bind=true&queue=other-app-orders" },
        });
        await Eventually.Holds(async () => await Errors() >= before + 2);

        // A further routing key of the broker's own, which a copied header would hand on.
        var answer = await _hostile.Ask(
            "runs.create-run", PlainCaller.CreateRun(Calls.NewId()),
            adjust: properties => properties.Headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "other-app-orders" }, ["X-Mine"] = "1" });

        Assert.DoesNotContain("CC", answer.Properties.Headers?.Keys ?? []);
        Assert.DoesNotContain("X-Mine", answer.Properties.Headers?.Keys ?? []);
        Assert.Equal(0u, await channel.MessageCountAsync("other-app-orders"));
        Assert.Equal(404, (await stack.Client.Read($"/runs/{id}")).Status);
    }

    [Fact]
    public async Task The_service_declares_nothing_for_a_publisher()
    {
        var (entities, errors) = (await stack.Entities(), await Errors());

        for (var i = 0; i < 20; i++)
        {
            await _hostile.Tell("runs.cancel-run", $$"""{"tenant":"dev","run_id":"{{Calls.NewId()}}"}""", new BasicProperties
            {
                Headers = new Dictionary<string, object?> { ["MT-Response-Address"] = i % 2 == 0 ? $"queue:made-for-{i}" : $"rabbitmq://localhost/host_process_bus_{i:D26}?temporary=true" },
            });
        }

        await Eventually.Holds(async () => await Errors() >= errors + 10);
        Assert.Equal("RunSnapshot", (await _hostile.Ask("runs.create-run", PlainCaller.CreateRun(Calls.NewId()))).Properties.Type);
        Assert.Equal(entities, await stack.Entities());
    }

    [Theory]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""", "/run_id")]
    [InlineData("""{"tenant":"dev"}""", "run_id")]
    [InlineData("null", "JSON object")]
    public async Task A_fault_tells_the_cause_and_nothing_of_the_host(string command, string cause)
    {
        var fault = await _hostile.AskWith(
            "runs.create-run", queue => PlainCaller.Envelope(command, $"rabbitmq://localhost/{queue}?temporary=true"),
            adjust: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null));

        var text = fault.Body.GetRawText();
        Assert.Contains("urn:message:MassTransit:Fault[[Runs.Contracts:CreateRun]]", text, StringComparison.Ordinal);
        Assert.Contains(cause, text, StringComparison.Ordinal);
        foreach (var secret in new[] { Environment.MachineName, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), "machineName", "processName", "operatingSystem", "stackTrace", "   at " })
        {
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Events_tell_nothing_of_the_host()
    {
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _hostile.Connection.CreateChannelAsync();
        await channel.Listen(delivery => heard.TrySetResult(Encoding.UTF8.GetString(delivery.Body.Span)), "runs.run-accepted");

        await stack.Client.Create(Calls.Task());

        var text = await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("processName", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_exchange_decides_what_a_message_is()
    {
        var id = Calls.NewId();
        await stack.Client.Create(Calls.Task(id));
        var (before, failed) = (await Errors(), $$"""{"tenant":"dev","run_id":"{{id}}","status":"failed"}""");

        await _hostile.Tell("runs.create-run", failed, new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Runs.Contracts:CompleteRun" } });
        await _hostile.Tell("runs.create-run", failed);
        await _hostile.TellEnvelope("runs.create-run", PlainCaller.Envelope(failed, type: nameof(CompleteRun)));
        await Eventually.Holds(async () => await Errors() >= before + 3);

        Assert.Equal("pending", (await stack.Client.Read($"/runs/{id}"))["status"].GetString());
    }

    [Theory]
    [MemberData(nameof(Unrepeatable))]
    public async Task What_the_broker_would_not_take_from_the_service_is_in_the_error_queue_all_the_same(string what)
    {
        var before = await Errors();
        await using var watch = await QueueWatch.Start(stack);

        await _hostile.Tell("runs.create-run", "not json", UnrepeatableProperties[what]);
        await Eventually.Holds(async () => await Errors() > before, TimeSpan.FromMinutes(1));

        await watch.EndsUndisturbed(Slowest);
    }

    private static readonly Dictionary<string, BasicProperties> UnrepeatableProperties = new()
    {
        ["a user id"] = new() { UserId = BrokerUsers.Publisher },
        ["a long header"] = new() { Headers = new Dictionary<string, object?> { ["long"] = new byte[120_000] } },
        ["many headers"] = new() { Headers = Enumerable.Range(0, 2000).ToDictionary(i => $"header {i}", object? (i) => $"{i:D40}") },
        ["further routing keys"] = new() { Headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "a" }, ["BCC"] = new List<object> { "b" } } },
    };

    public static TheoryData<string> Unrepeatable => [.. UnrepeatableProperties.Keys];

    [Fact]
    public async Task A_reply_that_would_expire_at_the_end_of_time_is_sent()
    {
        await using var watch = await QueueWatch.Start(stack);

        var answer = await _hostile.AskWith(
            "runs.create-run",
            queue => PlainCaller.Envelope(PlainCaller.CreateRun(Calls.NewId()), $"queue:{queue}", more: "\"expirationTime\":\"9999-12-31T23:59:59Z\","),
            adjust: properties => (properties.ContentType, properties.ReplyTo) = ("application/vnd.masstransit+json", null));

        Assert.Contains("RunSnapshot", answer.Body.GetRawText(), StringComparison.Ordinal);
        await watch.EndsUndisturbed(Slowest);
    }

    /// <summary>Whatever is published, the queue keeps its consumer, and every other command is answered.</summary>
    [Fact]
    public async Task No_delivery_stops_the_commands_of_others()
    {
        await using var watch = await QueueWatch.Start(stack);

        await Gen.Select(AnyDelivery.Among(CommandExchanges), AnyDelivery.Properties, AnyDelivery.Body).SampleAsync(
            async (exchange, properties, body) =>
            {
                await TryPublish(exchange, properties, body);
                var answer = await _hostile.Ask("runs.create-run", PlainCaller.CreateRun(Calls.NewId()), Slowest);
                return answer.Properties.Type == "RunSnapshot";
            },
            iter: 300, threads: 1);

        await watch.EndsUndisturbed(Slowest);
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

    private async Task<uint> Errors()
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
