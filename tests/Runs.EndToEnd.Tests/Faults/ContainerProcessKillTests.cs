namespace Runs.EndToEnd.Tests;

[Collection(nameof(SteadyContainers))]
public sealed class ContainerProcessKillTests(ContainerFixture containers) : ProcessKillTests
{
    protected override async Task<Dictionary<string, string?>> Settings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.CreateVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
    };
}
