using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>With configured publishers, the user determines the publisher, also for commands of the API.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class KnownPublisherActorTests(KnownPublishersApplication application) : IClassFixture<KnownPublishersApplication>
{
    [Fact]
    public async Task An_API_command_is_recorded_as_trusted_and_a_command_of_another_user_as_claimed_or_rejected()
    {
        var (overHttp, ofOperator, withoutUser) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(overHttp));
        await application.Client.Create(TestRequests.TaskBody(ofOperator));
        await application.Client.Create(TestRequests.TaskBody(withoutUser));
        await using var operators = await RawAmqpClient.Connect(application.OperatorRabbitMq);

        await application.Client.Post($"/runs/{overHttp}/cancel");
        await operators.Publish("runs-commands", PublisherActorTests.CancelBody(withoutUser), CancelProperties(user: null));
        await operators.Publish(
            "runs-commands", PublisherActorTests.CancelBody(ofOperator), CancelProperties(KnownPublishersApplication.Operator));

        await Eventually.Holds(async () => await GetLastChange(ofOperator) == ("cancel", "broker"));
        Assert.Equal(("cancel", "http"), await GetLastChange(overHttp));
        Assert.Equal("pending", (await application.Client.GetRun(withoutUser)).Status);
    }

    [Fact]
    public async Task A_command_for_another_tenant_is_logged_as_rejected()
    {
        var run = TestRequests.NewId();
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);

        var properties = new BasicProperties { UserId = BrokerUsers.Publisher };
        await publisher.Publish("runs.create-run", RawAmqpClient.CreateRun(run, "other"), properties);

        await Eventually.Holds(() => Task.FromResult(application.AuditLog.Entries.Any(entry =>
            (entry["User"], entry["Tenant"], entry["Action"], entry["RunId"]) == (BrokerUsers.Publisher, "other", "create", run))));
    }

    private static BasicProperties CancelProperties(string? user)
    {
        var headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Runs.Contracts:CancelRun" };
        var properties = new BasicProperties { Headers = headers };
        if (user is not null)
        {
            properties.UserId = user;
        }

        return properties;
    }

    private async Task<(string Action, string Via)> GetLastChange(string run)
    {
        var change = (await application.GetChanges(run))[^1];
        return (change.Action, change.Via);
    }
}
