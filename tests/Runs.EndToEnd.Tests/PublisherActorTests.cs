using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The actor in a publisher's command is recorded as its claim, whatever the message says and whichever way it takes. Only the API's own commands are recorded
/// as those of credentials.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class PublisherActorTests(ContainerApplication application) : IClassFixture<ContainerApplication>
{
    private static readonly Dictionary<string, object?> CancelHeader = new() { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" };

    [Fact]
    public async Task A_published_command_is_recorded_with_a_claimed_actor()
    {
        var (raw, enveloped) = (await Create(), await Create());
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        await publisher.Publish("runs.cancel-run", CancelBody(raw), new BasicProperties { UserId = BrokerUsers.Publisher, AppId = "Runs.Server" });
        await publisher.PublishEnvelope("runs.cancel-run", RawAmqpClient.Envelope(
            CancelBody(enveloped), type: nameof(CancelRun),
            more: """ "sourceAddress":"rabbitmq://localhost/runs-commands","destinationAddress":"rabbitmq://localhost/runs-commands", """));

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

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => publisher.Publish(exchange, CancelBody(run), new BasicProperties { Headers = CancelHeader }, routingKey));

        Assert.Contains("ACCESS_REFUSED", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("pending", (await application.Client.Get($"/runs/{run}"))["status"].GetString());
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
        {"tenant":"dev","run_id":"{{run}}","actor":{"type":"user","id":"the boss","key_prefix":"k3x9q2ab","address":"127.0.0.1"},"trace_id":"t"}
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

/// <summary>Where publishers are told apart by their user, the API's commands are, too.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class KnownPublisherActorTests(KnownPublishersApplication application) : IClassFixture<KnownPublishersApplication>
{
    [Fact]
    public async Task An_API_command_is_recorded_as_trusted_and_a_command_of_another_user_as_claimed_or_rejected()
    {
        var (mine, others, unsigned) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(mine));
        await application.Client.Create(TestRequests.TaskBody(others));
        await application.Client.Create(TestRequests.TaskBody(unsigned));
        await using var operators = await RawAmqpClient.Connect(application.OperatorRabbitMq);

        await application.Client.Post($"/runs/{mine}/cancel");
        await operators.Publish("runs-commands", PublisherActorTests.CancelBody(unsigned), CancelProperties(user: null));
        await operators.Publish("runs-commands", PublisherActorTests.CancelBody(others), CancelProperties(KnownPublishersApplication.Operator));

        await Eventually.Holds(async () => await GetLastChange(others) == ("cancel", "broker"));
        Assert.Equal(("cancel", "http"), await GetLastChange(mine));
        Assert.Equal("pending", (await application.Client.Get($"/runs/{unsigned}"))["status"].GetString());
    }

    [Fact]
    public async Task A_command_for_another_tenant_is_logged_as_rejected()
    {
        var run = TestRequests.NewId();
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        await publisher.Publish("runs.create-run", RawAmqpClient.CreateRun(run, "other"), new BasicProperties { UserId = BrokerUsers.Publisher });

        await Eventually.Holds(() => Task.FromResult(application.AuditLog.Entries.Any(entry =>
            (entry["User"], entry["Tenant"], entry["Action"], entry["RunId"]) == (BrokerUsers.Publisher, "other", "create", run))));
    }

    private static BasicProperties CancelProperties(string? user)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" } };
        if (user is not null)
        {
            properties.UserId = user;
        }

        return properties;
    }

    private async Task<(string Action, string Via)> GetLastChange(string run) =>
        (await application.GetChanges(run))[^1] is var change ? (change.Action, change.Via) : default;
}

/// <summary>Containers, with one publisher whose tenants are named.</summary>
public sealed class KnownPublishersApplication(ContainerFixture containers) : ContainerApplication(containers)
{
    /// <summary>The user of <see cref="ContainerApplication.OperatorRabbitMq"/>.</summary>
    public const string Operator = "guest";

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings())
    {
        [$"Broker:Publishers:{BrokerUsers.Publisher}:Tenants:0"] = "dev",
        [$"Broker:Publishers:{Operator}:Tenants:0"] = "dev",
    };
}
