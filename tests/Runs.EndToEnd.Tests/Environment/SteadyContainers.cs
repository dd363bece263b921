namespace Runs.EndToEnd.Tests;

/// <summary>
/// Tests that share a second RabbitMQ and MongoDB, which no test stops. They run one after another, and beside those of
/// <see cref="FaultyContainers"/>.
/// </summary>
[CollectionDefinition(nameof(SteadyContainers))]
public sealed class SteadyContainers : ICollectionFixture<ContainerFixture>;
