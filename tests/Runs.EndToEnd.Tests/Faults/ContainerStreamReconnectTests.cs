namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class ContainerStreamReconnectTests(ContainerApplication application)
    : StreamReconnectTests(application), IClassFixture<ContainerApplication>
{
    protected override int Events => 40_000; // five times as slow as the embedded store
}
