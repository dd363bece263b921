using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The actor in a publisher's command is recorded as a claim, regardless of the message and its route. Only commands of
/// the API are recorded with a trusted actor.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class PublisherActorTests(ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private const string ApiQueue = "rabbitmq://localhost/runs-commands";

    private static readonly Dictionary<string, object?> CancelHeader =
        new() { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" };

    [Fact]
    public async Task A_published_command_is_recorded_with_a_claimed_actor()
    {
        var (raw, enveloped) = (await Create(), await Create());
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        var properties = new BasicProperties { UserId = BrokerUsers.Publisher, AppId = "Runs.Server" };
        await publisher.Publish("runs.cancel-run", CancelBody(raw), properties);
        await publisher.PublishEnvelope("runs.cancel-run", RawAmqpClient.Envelope(
            CancelBody(enveloped), type: nameof(CancelRun),
            otherMembers: $""" "sourceAddress":"{ApiQueue}","destinationAddress":"{ApiQueue}", """));

        await AssertRecorded(raw, "broker");
        await AssertRecorded(enveloped, "broker");
    }

    [Theory]
    [InlineData("runs-commands", "")]
    [InlineData("", "runs-commands")]
    [InlineData("", "runs-lifecycle")]
    public async Task A_publisher_may_not_write_to_the_queues_of_the_service(string exchange, string routingKey)
    {
        var run = await Create();
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        var properties = new BasicProperties { Headers = CancelHeader };
        var rejected = await Assert.ThrowsAnyAsync<Exception>(
            () => publisher.Publish(exchange, CancelBody(run), properties, routingKey));

        Assert.Contains("ACCESS_REFUSED", rejected.ToString(), StringComparison.Ordinal);
        Assert.Equal("pending", (await application.Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_command_sent_directly_to_the_API_queue_is_recorded_with_a_claimed_actor()
    {
        var run = await Create();
        await using var operators = await RawAmqpClient.Connect(application.OperatorRabbitMq);

        await operators.Publish("", CancelBody(run), new BasicProperties { Headers = CancelHeader }, routingKey: "runs-commands");

        await AssertRecorded(run, "broker");
    }

    [Fact]
    public async Task A_rejected_message_is_logged_with_its_known_properties()
    {
        var run = TestRequests.NewId();
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        await publisher.Publish("runs.complete-run", "not JSON", new BasicProperties { UserId = BrokerUsers.Publisher });
        await publisher.Publish("runs.complete-run", $$"""{"tenant":"dev","run_id":"{{run}}","status":"nonsense"}""");

        await Eventually.Holds(() => Task.FromResult(IsLogged(BrokerUsers.Publisher, "-", "-") && IsLogged("-", "dev", run)));

        bool IsLogged(string user, string tenant, string runId) => application.AuditLog.Entries.Any(entry =>
            (entry["User"], entry["Tenant"], entry["Action"], entry["RunId"]) == (user, tenant, "complete", runId));
    }

    internal static string CancelBody(string run) => $$"""
        {"tenant":"dev","run_id":"{{run}}",
         "actor":{"type":"user","id":"the boss","key_prefix":"k3x9q2ab","address":"127.0.0.1"},"trace_id":"t"}
        """;

    private async Task<string> Create()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        return run;
    }

    private Task AssertRecorded(string run, string via) => Eventually.Holds(
        async () => (await application.GetChanges(run))[^1] is { Action: "cancel", Actor.Id: "the boss" } change && change.Via == via);
}
