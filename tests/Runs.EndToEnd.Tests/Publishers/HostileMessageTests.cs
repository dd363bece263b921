using System.Globalization;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>Commands that are too large or cannot be forwarded, and what replies, faults and events contain.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class HostileMessageTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IAsyncLifetime
{
    private static readonly string LargeText = new('\u007f', 4_000_000);

    private HostilePublisher _hostile = null!;

    public async Task InitializeAsync() => _hostile = await HostilePublisher.Connect(application);

    public Task DisposeAsync() => _hostile.DisposeAsync().AsTask();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_above_the_broker_limit_omits_large_members(bool isEnvelope)
    {
        await using var watch = await QueueMonitor.Start(application);
        var (id, before) = (TestRequests.NewId(), await _hostile.CountErrors());
        await application.Client.Create(TestRequests.TaskBody(id));

        // JSON escapes each of these characters with six others: the reply would have logs of 24 MB.
        var outcome = $$"""{"tenant":"dev","run_id":"{{id}}","status":"completed","output":1,"logs":"{{LargeText}}"}""";
        var reply = isEnvelope
            ? await _hostile.RequestWithEnvelope(
                "runs.complete-run", queue => RawAmqpClient.Envelope(outcome, $"queue:{queue}", nameof(CompleteRun)))
            : await _hostile.Client.Request("runs.complete-run", outcome);
        var snapshot = isEnvelope ? reply.Body.GetProperty("message") : reply.Body;

        await watch.StopAndAssertUndisturbed();
        Assert.Equal(["output", "logs"], snapshot.GetProperty("omitted").EnumerateArray().Select(name => name.GetString()));
        Assert.True(snapshot.GetProperty("changed").GetBoolean());
        Assert.Equal("completed", snapshot.GetProperty("run").GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, snapshot.GetProperty("run").GetProperty("logs").ValueKind);
        Assert.Equal(before, await _hostile.CountErrors());
        Assert.Equal(4_000_000, (await application.Client.GetRun(id)).Logs!.Length);
    }

    [Fact]
    public async Task A_body_whose_message_exceeds_the_broker_limit_is_rejected()
    {
        var id = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(id));

        var response = await application.Client.Post($"/runs/{id}/complete", $$"""{"status":"completed","logs":"{{LargeText}}"}""");

        response.AssertProblem(413);
        Assert.Equal("pending", (await application.Client.GetRun(id)).Status);
    }

    [Theory]
    [InlineData("""{"tenant":"dev","run_id":"bad id","kind":"task","owner":{"kind":"project","id":"x"},"request":{}}""", "/run_id")]
    [InlineData("""{"tenant":"dev"}""", "run_id")]
    [InlineData("null", "JSON object")]
    public async Task A_fault_contains_the_cause_and_no_host_information(string command, string cause)
    {
        var fault = await _hostile.RequestWithEnvelope(
            "runs.create-run", queue => RawAmqpClient.Envelope(command, $"rabbitmq://localhost/{queue}?temporary=true"));

        var text = fault.Body.GetRawText();
        Assert.Contains("urn:message:MassTransit:Fault[[Runs.Contracts:CreateRun]]", text, StringComparison.Ordinal);
        Assert.Contains(cause, text, StringComparison.Ordinal);
        string[] hostInformation =
        [
            Environment.MachineName,
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            "machineName",
            "processName",
            "operatingSystem",
            "stackTrace",
            "   at ",
        ];
        Assert.All(hostInformation, secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Events_contain_no_host_information()
    {
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var channel = await _hostile.Client.Connection.CreateChannelAsync();
        await channel.Subscribe(delivery => received.TrySetResult(Encoding.UTF8.GetString(delivery.Body.Span)), "runs.run-accepted");

        await application.Client.Create(TestRequests.TaskBody());

        var text = await received.Task.WaitAsync(Eventually.Timeout);
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("processName", text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(UnforwardableKinds))]
    public async Task A_message_whose_properties_cannot_be_republished_is_moved_to_the_error_queue(string kind)
    {
        var before = await _hostile.CountErrors();
        await using var watch = await QueueMonitor.Start(application);

        await _hostile.Client.Publish("runs.create-run", "not json", UnforwardableProperties[kind]);
        await Eventually.Holds(async () => await _hostile.CountErrors() > before);

        await watch.StopAndAssertUndisturbed();
    }

    private static readonly Dictionary<string, BasicProperties> UnforwardableProperties = new()
    {
        ["a user id"] = new() { UserId = BrokerUsers.Publisher },
        ["a long header"] = new() { Headers = new Dictionary<string, object?> { ["long"] = new byte[120_000] } },
        ["many headers"] = new() { Headers = Enumerable.Range(0, 2000).ToDictionary(i => $"header {i}", object? (i) => $"{i:D40}") },
        ["further routing keys"] = new()
        {
            Headers = new Dictionary<string, object?> { ["CC"] = new List<object> { "a" }, ["BCC"] = new List<object> { "b" } },
        },
    };

    public static TheoryData<string> UnforwardableKinds => [.. UnforwardableProperties.Keys];

    [Fact]
    public async Task A_reply_to_a_command_with_the_maximum_expiration_time_is_sent()
    {
        await using var watch = await QueueMonitor.Start(application);

        var command = RawAmqpClient.CreateRun(TestRequests.NewId());
        var reply = await _hostile.RequestWithEnvelope("runs.create-run", queue => RawAmqpClient.Envelope(
            command, $"queue:{queue}", otherMembers: "\"expirationTime\":\"9999-12-31T23:59:59Z\","));

        Assert.Contains("RunSnapshot", reply.Body.GetRawText(), StringComparison.Ordinal);
        await watch.StopAndAssertUndisturbed();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_header_that_the_client_library_cannot_read_does_not_close_the_connection(bool isNested)
    {
        await using var watch = await QueueMonitor.Start(application);
        var id = TestRequests.NewId();
        var header = isNested ? AmqpFramePublisher.NestedArrays(20_000) : AmqpFramePublisher.Decimal(29);

        using var publisher = AmqpFramePublisher.Connect(application.RabbitMq);
        publisher.Publish("runs.create-run", RawAmqpClient.CreateRun(id), header);

        await Eventually.Succeeds(async () => Assert.Equal("pending", (await application.Client.GetRun(id)).Status));
        await watch.StopAndAssertUndisturbed();
    }
}
