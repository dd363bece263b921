namespace Runs.EndToEnd.Tests;

/// <summary>The server on RabbitMQ and MongoDB, with configured publishers.</summary>
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
