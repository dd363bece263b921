namespace Runs.EndToEnd.Tests;

[Collection(nameof(ContainerFixture))]
public sealed class ContainerStreamReconnectTests(ContainerApplication application)
    : StreamReconnectTests(application), IClassFixture<ContainerApplication>;
