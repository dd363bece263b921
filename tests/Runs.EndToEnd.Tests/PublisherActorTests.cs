using RabbitMQ.Client;
using Runs.Contracts;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The actor in a publisher's command is recorded as its claim, whatever the message says and whichever way it takes. Only the API's own commands are recorded
/// as those of credentials.
/// </summary>
[Collection(nameof(Containers))]
public sealed class PublisherActorTests(ContainerStack stack) : IClassFixture<ContainerStack>
{
    private static readonly Dictionary<string, object?> CancelHeader = new() { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" };

    [Fact]
    public async Task A_command_that_a_publisher_publishes_is_recorded_as_its_claim()
    {
        var (raw, enveloped) = (await Create(), await Create());
        await using var publisher = await PlainCaller.Connect(stack.RabbitMq);

        await publisher.Tell("runs.cancel-run", Cancel(raw), new BasicProperties { UserId = BrokerUsers.Publisher, AppId = "Runs.Server" });
        await publisher.TellEnvelope("runs.cancel-run", PlainCaller.Envelope(
            Cancel(enveloped), type: nameof(CancelRun),
            more: """ "sourceAddress":"rabbitmq://localhost/runs-commands","destinationAddress":"rabbitmq://localhost/runs-commands", """));

        await IsRecorded(raw, "broker");
        await IsRecorded(enveloped, "broker");
    }

    [Theory]
    [InlineData("runs-commands", "")]
    [InlineData("", "runs-commands")]
    [InlineData("", "runs-lifecycle")]
    public async Task A_publisher_may_not_write_to_the_queues_of_the_service(string exchange, string routingKey)
    {
        var run = await Create();
        await using var publisher = await PlainCaller.Connect(stack.RabbitMq);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => publisher.Tell(exchange, Cancel(run), new BasicProperties { Headers = CancelHeader }, routingKey));

        Assert.Contains("ACCESS_REFUSED", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("pending", (await stack.Client.Read($"/runs/{run}"))["status"].GetString());
    }

    [Fact]
    public async Task A_command_that_is_put_into_the_queue_of_the_API_by_its_name_is_recorded_as_a_claim()
    {
        var run = await Create();
        await using var operators = await PlainCaller.Connect(stack.ForOperators);

        await operators.Tell("", Cancel(run), new BasicProperties { Headers = CancelHeader }, routingKey: "runs-commands");

        await IsRecorded(run, "broker");
    }

    [Fact]
    public async Task A_message_that_is_rejected_is_logged_with_what_is_known_of_it()
    {
        var run = Calls.NewId();
        await using var publisher = await PlainCaller.Connect(stack.RabbitMq);

        await publisher.Tell("runs.complete-run", "not JSON", new BasicProperties { UserId = BrokerUsers.Publisher });
        await publisher.Tell("runs.complete-run", $$"""{"tenant":"dev","run_id":"{{run}}","status":"nonsense"}""");

        await Eventually.Holds(() => Task.FromResult(IsLogged(BrokerUsers.Publisher, "-", "-") && IsLogged("-", "dev", run)));

        bool IsLogged(string user, string tenant, string runId) => stack.Audit.All.Any(entry =>
            (entry["User"], entry["Tenant"], entry["Action"], entry["RunId"]) == (user, tenant, "complete", runId));
    }

    internal static string Cancel(string run) => $$"""
        {"tenant":"dev","run_id":"{{run}}","actor":{"type":"user","id":"the boss","key_prefix":"k3x9q2ab","address":"127.0.0.1"},"trace_id":"t"}
        """;

    private async Task<string> Create()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        return run;
    }

    private Task IsRecorded(string run, string via) => Eventually.Holds(
        async () => (await stack.ChangesOf(run))[^1] is { Action: "cancel", Actor.Id: "the boss" } change && change.Via == via);
}

/// <summary>Where publishers are told apart by their user, the API's commands are, too.</summary>
[Collection(nameof(Containers))]
public sealed class KnownPublisherActorTests(KnownPublishersStack stack) : IClassFixture<KnownPublishersStack>
{
    [Fact]
    public async Task A_command_of_the_API_is_recorded_as_its_own_and_one_of_another_user_in_its_exchange_is_a_claim_or_rejected()
    {
        var (mine, others, unsigned) = (Calls.NewId(), Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(mine));
        await stack.Client.Create(Calls.Task(others));
        await stack.Client.Create(Calls.Task(unsigned));
        await using var operators = await PlainCaller.Connect(stack.ForOperators);

        await stack.Client.Post($"/runs/{mine}/cancel");
        await operators.Tell("runs-commands", PublisherActorTests.Cancel(unsigned), Cancel(user: null));
        await operators.Tell("runs-commands", PublisherActorTests.Cancel(others), Cancel(KnownPublishersStack.Operator));

        await Eventually.Holds(async () => await LastVia(others) == ("cancel", "broker"));
        Assert.Equal(("cancel", "http"), await LastVia(mine));
        Assert.Equal("pending", (await stack.Client.Read($"/runs/{unsigned}"))["status"].GetString());
    }

    [Fact]
    public async Task A_command_for_another_tenant_is_logged_as_rejected()
    {
        var run = Calls.NewId();
        await using var publisher = await PlainCaller.Connect(stack.RabbitMq);

        await publisher.Tell("runs.create-run", PlainCaller.CreateRun(run, "other"), new BasicProperties { UserId = BrokerUsers.Publisher });

        await Eventually.Holds(() => Task.FromResult(stack.Audit.All.Any(entry =>
            (entry["User"], entry["Tenant"], entry["Action"], entry["RunId"]) == (BrokerUsers.Publisher, "other", "create", run))));
    }

    private static BasicProperties Cancel(string? user)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" } };
        if (user is not null)
        {
            properties.UserId = user;
        }

        return properties;
    }

    private async Task<(string Action, string Via)> LastVia(string run) =>
        (await stack.ChangesOf(run))[^1] is var change ? (change.Action, change.Via) : default;
}

/// <summary>Containers, with one publisher whose tenants are named.</summary>
public sealed class KnownPublishersStack(Containers containers) : ContainerStack(containers)
{
    /// <summary>The user of <see cref="ContainerStack.ForOperators"/>.</summary>
    public const string Operator = "guest";

    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings())
    {
        [$"Broker:Publishers:{BrokerUsers.Publisher}:Tenants:0"] = "dev",
        [$"Broker:Publishers:{Operator}:Tenants:0"] = "dev",
    };
}
