namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class ContainerStreamReconnectTests(ContainerApplication application)
    : StreamReconnectTests(application), IClassFixture<ContainerApplication>;
